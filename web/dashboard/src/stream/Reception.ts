/** What a store knows of its channel before and beside its entries. */
export class Reception {
  /** False until the server has said what there is. */
  isLoaded = false
  /** Why the server does not give the channel; null while it does. */
  refusal: string | null = null

  /** The channel is asked for anew. */
  begin(): void {
    this.isLoaded = false
    this.refusal = null
  }

  /** The server gives it. Where nothing earlier follows, that is all there is. */
  joined(historyFollows: boolean): void {
    this.refusal = null
    if (!historyFollows) this.isLoaded = true
  }

  refused(reason: string): void {
    this.refusal = reason
  }

  /** Entries have come, or it was said that there are none. */
  came(): void {
    this.isLoaded = true
  }
}
