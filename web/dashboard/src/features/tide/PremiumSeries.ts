/** Net premium of calls and of puts in one step of time. */
export interface Step {
  /** When the step begins, epoch ms. */
  readonly at: number
  readonly call: number
  readonly put: number
}

/** One increment as the provider sends it: about two seconds of net premium. */
export interface Increment {
  readonly at: number
  readonly call: number
  readonly put: number
}

/** How long a step is, ms: the tide line draws net premium per two minutes. */
export const StepLength = 120_000

/** Most steps kept: three days. What is older leaves first. */
const MostSteps = 3 * 720

/** Increments added up by steps of two minutes, in rising order, whatever the order they came in. */
export class PremiumSeries {
  readonly #steps = new Map<number, { call: number; put: number }>()
  #firstAt: number | null = null

  /** When the oldest increment was, epoch ms; null without any. */
  get firstAt(): number | null {
    return this.#firstAt
  }

  add({ at, call, put }: Increment): void {
    const start = Math.floor(at / StepLength) * StepLength
    const step = this.#steps.get(start)
    if (step === undefined) this.#steps.set(start, { call, put })
    else {
      step.call += call
      step.put += put
    }
    if (this.#firstAt === null || at < this.#firstAt) this.#firstAt = at
    if (this.#steps.size > MostSteps) this.#steps.delete(Math.min(...this.#steps.keys()))
  }

  clear(): void {
    this.#steps.clear()
    this.#firstAt = null
  }

  /** The steps that begin in a stretch of time. */
  between(from: number, to: number): readonly Step[] {
    const steps: Step[] = []
    for (const [at, { call, put }] of this.#steps) if (at >= from && at < to) steps.push({ at, call, put })
    return steps.sort((a, b) => a.at - b.at)
  }
}

/** The same steps as running totals: what has been paid net since the first of them. */
export function runningTotals(steps: readonly Step[]): readonly Step[] {
  let call = 0
  let put = 0
  return steps.map(step => {
    call += step.call
    put += step.put
    return { at: step.at, call, put }
  })
}

/** Steps taken together, so many to one: for a line too narrow to draw each. */
export function inGroups(steps: readonly Step[], from: number, size: number): readonly Step[] {
  if (size <= 1) return steps
  const length = size * StepLength
  const groups = new Map<number, { at: number; call: number; put: number }>()
  for (const { at, call, put } of steps) {
    const start = from + Math.floor((at - from) / length) * length
    const group = groups.get(start)
    if (group === undefined) groups.set(start, { at: start, call, put })
    else {
      group.call += call
      group.put += put
    }
  }
  return [...groups.values()]
}
