/** What of the browser's speech is used. */
export type SpeechEngine = Pick<SpeechSynthesis, 'speak' | 'cancel' | 'speaking' | 'pending'>

/** Most sentences that may wait: what is older than that has passed. */
const MostWaiting = 2

/** Speaks sentences one after the other, and leaves out what it cannot keep up with. */
export class Voice {
  readonly #engine: SpeechEngine | null
  readonly #sentence: (text: string) => SpeechSynthesisUtterance
  #waiting = 0

  /** `engine` is null where the browser cannot speak. */
  constructor(
    engine: SpeechEngine | null,
    sentence: (text: string) => SpeechSynthesisUtterance = text => new SpeechSynthesisUtterance(text),
  ) {
    this.#engine = engine
    this.#sentence = sentence
  }

  get canSpeak(): boolean {
    return this.#engine !== null
  }

  /** Speaks a sentence. False when too many wait already. */
  say(text: string, volume: number): boolean {
    if (this.#engine === null || this.#waiting >= MostWaiting) return false
    const sentence = this.#sentence(text)
    sentence.lang = 'en-US'
    sentence.volume = volume
    sentence.rate = 1.15
    this.#waiting++
    const done = (): void => {
      this.#waiting = Math.max(0, this.#waiting - 1)
    }
    sentence.onend = done
    sentence.onerror = done
    this.#engine.speak(sentence)
    return true
  }

  /** Says no more, not even what it has begun. */
  hush(): void {
    this.#waiting = 0
    this.#engine?.cancel()
  }
}
