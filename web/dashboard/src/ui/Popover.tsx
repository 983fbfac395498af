import {
  type ReactNode,
  type Ref,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { IconButton } from './Button'
import { Icon } from './Icon'
import styles from './Popover.module.css'

/** What the button that opens a popover takes. */
export interface PopoverTrigger {
  readonly ref: Ref<HTMLButtonElement>
  readonly 'aria-haspopup': 'dialog'
  readonly 'aria-expanded': boolean
  readonly 'aria-controls': string | undefined
  readonly onClick: () => void
}

/** A button and what it opens beside it. Escape and a press elsewhere close it, and the button has the focus again. */
export function Popover({
  name,
  size = 'normal',
  trigger,
  children,
}: {
  name: string
  size?: 'normal' | 'small'
  trigger: (props: PopoverTrigger) => ReactNode
  children: ReactNode
}): ReactNode {
  const [isOpen, setIsOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const id = useId()
  const close = (): void => {
    setIsOpen(false)
    button.current?.focus()
  }
  return (
    <>
      {trigger({
        ref: button,
        'aria-haspopup': 'dialog',
        'aria-expanded': isOpen,
        'aria-controls': isOpen ? id : undefined,
        onClick: () => setIsOpen(open => !open),
      })}
      {isOpen && (
        <Layer
          id={id}
          name={name}
          size={size}
          button={button}
          onClose={close}
          onLeave={() => setIsOpen(false)}
        >
          {children}
        </Layer>
      )}
    </>
  )
}

const Apart = 4
const Margin = 8

function Layer({
  id,
  name,
  size,
  button,
  onClose,
  onLeave,
  children,
}: {
  id: string
  name: string
  size: 'normal' | 'small'
  button: RefObject<HTMLButtonElement | null>
  onClose: () => void
  onLeave: () => void
  children: ReactNode
}): ReactNode {
  const layer = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const { current } = layer
    const anchor = button.current
    if (current === null || anchor === null) return
    // In the top layer nothing clips it, whatever pane its button stands in.
    current.showPopover()
    const place = (): void => {
      const to = anchor.getBoundingClientRect()
      const { offsetWidth: width, offsetHeight: height } = current
      const left = Math.max(Margin, Math.min(to.right - width, innerWidth - width - Margin))
      const isUnder = to.bottom + Apart + height <= innerHeight - Margin || to.top < innerHeight / 2
      const top = isUnder ? to.bottom + Apart : Math.max(Margin, to.top - Apart - height)
      current.style.left = `${left}px`
      current.style.top = `${top}px`
    }
    place()
    current.focus()
    addEventListener('resize', place)
    const observer = new ResizeObserver(place)
    observer.observe(current)
    return () => {
      removeEventListener('resize', place)
      observer.disconnect()
    }
  }, [button])
  const leave = useRef(onLeave)
  useEffect(() => {
    leave.current = onLeave
  })
  useEffect(() => {
    const onPointer = (event: PointerEvent): void => {
      const target = event.target as Node
      if (layer.current?.contains(target) !== true && button.current?.contains(target) !== true)
        leave.current()
    }
    addEventListener('pointerdown', onPointer)
    return () => removeEventListener('pointerdown', onPointer)
  }, [button])
  return (
    <div
      ref={layer}
      id={id}
      popover="manual"
      role="dialog"
      aria-label={name}
      tabIndex={-1}
      className={size === 'small' ? `${styles.popover} ${styles.small}` : styles.popover}
      data-own-keys
      onKeyDown={event => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onClose()
      }}
      onBlur={event => {
        const to = event.relatedTarget
        if (to !== null && !event.currentTarget.contains(to) && to !== button.current) onLeave()
      }}
    >
      <div className={styles.heading}>
        <h2>{name}</h2>
        <IconButton label="Close" onClick={onClose}>
          <Icon name="close" size="small" />
        </IconButton>
      </div>
      {children}
    </div>
  )
}

/** A part of a popover, with what it is about. */
export function PopoverSection({ title, children }: { title?: string; children: ReactNode }): ReactNode {
  return (
    <section className={styles.section}>
      {title !== undefined && <h3>{title}</h3>}
      {children}
    </section>
  )
}

/** A choice in a popover: what it is on the left, the control on the right. */
export function PopoverRow({ name, children }: { name: ReactNode; children: ReactNode }): ReactNode {
  return (
    <div className={styles.row}>
      <span>{name}</span>
      {children}
    </div>
  )
}
