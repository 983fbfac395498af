import { Cell, type Readable } from '../../stream/Cell'
import { Remembered } from '../../stream/Remembered'
import { spokenMoney } from '../../ui/figures'
import { type HeardAlert, HighPremium, type Reason, ReasonWords, spoken } from './HeardAlert'
import type { NoticeBoard } from './Notices'
import { type SoundShelf, soundFault } from './OwnSounds'
import { isQuiet } from './QuietHours'
import { type ReasonChoice, readChoices, type SoundChoices } from './SoundChoices'
import type { OutputState, SoundOutput } from './SoundOutput'
import { Sounds } from './tones'
import type { Voice } from './Voice'
import { VolumeBaseline } from './VolumeBaseline'

/** What the page says of its sound. A new object for every change. */
export interface SoundView {
  readonly choices: SoundChoices
  /** Closed while sound is off; muted while the browser holds it back. */
  readonly output: OutputState
  readonly canSpeak: boolean
  /** Whether the browser shows notifications for this page; null where it has none. */
  readonly permission: NotificationPermission | null
}

/** Settings of {@link SoundDesk}. */
export interface SoundDeskOptions {
  readonly output: SoundOutput
  readonly voice: Voice
  readonly notices: NoticeBoard | null
  readonly shelf: SoundShelf
  readonly isWatched: (ticker: string) => boolean
  /** The time on this device, epoch ms, and the minute of its day. */
  readonly now: () => number
  readonly minuteOfDay: () => number
}

/** A sound again so soon would only be noise, ms. */
const ApartBy = 1_000

/** What alerts sound like on this device: which are heard, how, and whether the browser allows it. */
export class SoundDesk implements Readable<SoundView> {
  readonly #options: SoundDeskOptions
  readonly #choices = new Remembered<SoundChoices>('tidewire.sound', readChoices)
  readonly #baseline = new VolumeBaseline()
  readonly #view: Cell<SoundView>
  readonly #buffers = new Map<Reason, AudioBuffer>()
  readonly #lastAt = new Map<Reason, number>()

  constructor(options: SoundDeskOptions) {
    this.#options = options
    this.#view = new Cell(this.#compose())
    options.output.subscribe(() => this.#changed())
    options.output.want(this.#choices.get().isOn)
  }

  readonly get = (): SoundView => this.#view.get()

  readonly subscribe = (reader: () => void): (() => void) => this.#view.subscribe(reader)

  /** Switches sound on or off. Called from a press, the browser allows it with that. */
  enable(isOn: boolean): void {
    this.#choose({ isOn })
    this.#options.output.want(isOn)
    if (!isOn) this.#options.voice.hush()
  }

  /** The reader has pressed something: the moment at which a browser lets a page sound. */
  touched(): void {
    if (this.#view.get().output === 'muted') this.#options.output.unlock()
  }

  setVolume(volume: number): void {
    this.#choose({ volume: Math.max(0, Math.min(1, volume)) })
  }

  setQuiet(quiet: Partial<SoundChoices['quiet']>): void {
    this.#choose({ quiet: { ...this.#choices.get().quiet, ...quiet } })
  }

  /** Changes what is done for a reason. Notifications are asked for here, and nowhere else. */
  async choose(reason: Reason, change: Partial<Omit<ReasonChoice, 'ownName'>>): Promise<void> {
    const { notices } = this.#options
    if (change.notifies === true && notices?.permission === 'default') await notices.request()
    const notifies = change.notifies === true ? notices?.permission === 'granted' : change.notifies
    this.#change(reason, notifies === undefined ? change : { ...change, notifies })
  }

  /** Takes a file as the sound of a reason. Null when it is that now, else why not. */
  async takeSound(reason: Reason, file: Pick<File, 'name' | 'size' | 'arrayBuffer'>): Promise<string | null> {
    const tooLarge = soundFault(file.size, null)
    if (tooLarge !== null) return tooLarge
    const bytes = await file.arrayBuffer()
    let buffer: AudioBuffer
    try {
      buffer = await this.#options.output.decode(bytes)
    } catch {
      return this.#options.output.state === 'running'
        ? `${file.name} is no sound that this browser can read. WAV, MP3 and OGG are, mostly.`
        : 'Enable sound first: the browser reads a file only then.'
    }
    const tooLong = soundFault(file.size, buffer.duration)
    if (tooLong !== null) return tooLong
    try {
      await this.#options.shelf.put(reason, { name: file.name, bytes })
    } catch {
      return 'This browser keeps no files for the page. The built-in sound stays.'
    }
    this.#buffers.set(reason, buffer)
    this.#change(reason, { ownName: file.name })
    return null
  }

  /** Goes back to the built-in sound. */
  async dropSound(reason: Reason): Promise<void> {
    this.#buffers.delete(reason)
    this.#change(reason, { ownName: null })
    await this.#options.shelf.put(reason, null).catch(() => undefined)
  }

  /** Takes an alert that has just come. What is from history is not given here: it is past. */
  hear(alert: HeardAlert): readonly Reason[] {
    const reasons = this.#reasonsOf(alert)
    const { choices } = this.#view.get()
    if (reasons.length === 0 || isQuiet(choices.quiet, this.#options.minuteOfDay())) return reasons
    const words = spoken(alert, spokenMoney)
    const loudest = reasons.find(reason => choices.reasons[reason].sounds)
    if (choices.isOn && loudest !== undefined && this.#isDue(loudest)) void this.#play(loudest, choices)
    if (choices.isOn && reasons.some(reason => choices.reasons[reason].speaks))
      this.#options.voice.say(words, choices.volume)
    const noticed = reasons.find(reason => choices.reasons[reason].notifies)
    if (noticed !== undefined && this.#options.notices?.permission === 'granted')
      this.#options.notices.show(words, `${ReasonWords[noticed].name}: ${ReasonWords[noticed].rule}`)
    return reasons
  }

  /** Plays the sound of a reason as it is set, whatever the hour. False when the browser holds it back. */
  async test(reason: Reason): Promise<boolean> {
    return await this.#play(reason, this.#view.get().choices)
  }

  /** Speaks a sentence as an alert would. */
  testVoice(): boolean {
    const { volume } = this.#view.get().choices
    return this.#options.voice.say('TSLA 250 calls, 265 thousand, sweep', volume)
  }

  #reasonsOf({ ticker, contract, premium, size }: HeardAlert): readonly Reason[] {
    const reasons: Reason[] = []
    if (premium !== null && premium > HighPremium) reasons.push('premium')
    if (size !== null && this.#baseline.take(contract, size)) reasons.push('volume')
    if (this.#options.isWatched(ticker)) reasons.push('watch')
    return reasons
  }

  #isDue(reason: Reason): boolean {
    const now = this.#options.now()
    if (now - (this.#lastAt.get(reason) ?? Number.NEGATIVE_INFINITY) < ApartBy) return false
    this.#lastAt.set(reason, now)
    return true
  }

  async #play(reason: Reason, { volume, reasons }: SoundChoices): Promise<boolean> {
    const { output } = this.#options
    const own = reasons[reason].ownName === null ? null : await this.#ownBuffer(reason)
    return own === null ? output.play(Sounds[reason], volume) : output.playBuffer(own, volume)
  }

  /** The reader's own sound, decoded once. Null where it cannot be had: then the built-in one sounds. */
  async #ownBuffer(reason: Reason): Promise<AudioBuffer | null> {
    const decoded = this.#buffers.get(reason)
    if (decoded !== undefined) return decoded
    try {
      const kept = await this.#options.shelf.get(reason)
      if (kept === null) return null
      const buffer = await this.#options.output.decode(kept.bytes)
      this.#buffers.set(reason, buffer)
      return buffer
    } catch {
      return null
    }
  }

  #change(reason: Reason, change: Partial<ReasonChoice>): void {
    const { reasons } = this.#choices.get()
    this.#choose({ reasons: { ...reasons, [reason]: { ...reasons[reason], ...change } } })
  }

  #choose(change: Partial<SoundChoices>): void {
    this.#choices.set({ ...this.#choices.get(), ...change })
    this.#changed()
  }

  #changed(): void {
    this.#view.set(this.#compose())
  }

  #compose(): SoundView {
    const { output, voice, notices } = this.#options
    return {
      choices: this.#choices.get(),
      output: output.state,
      canSpeak: voice.canSpeak,
      permission: notices?.permission ?? null,
    }
  }
}
