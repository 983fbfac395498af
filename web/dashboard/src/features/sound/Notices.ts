/** What of the browser's notifications is used. Null where it has none. */
export interface NoticeBoard {
  readonly permission: NotificationPermission
  request(): Promise<NotificationPermission>
  show(title: string, body: string): void
}

/** The browser's own board, or null where there is none (an insecure page, or an old browser). */
export function browserNotices(): NoticeBoard | null {
  if (!('Notification' in globalThis)) return null
  return {
    get permission() {
      return Notification.permission
    },
    request: () => Notification.requestPermission(),
    show: (title, body) => {
      // One at a time: the next one stands in for it.
      const notice = new Notification(title, { body, tag: 'tidewire-alert' })
      notice.onclick = () => {
        globalThis.focus()
        notice.close()
      }
    },
  }
}
