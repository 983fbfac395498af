import { type ReactNode, useEffect, useState } from 'react'
import { grouped, spokenMoney } from '../../ui/figures'
import type { FlowTape } from './FlowTape'

const Every = 10_000

/** One sentence every ten seconds for those who hear the page. The rows themselves would talk without end. */
export function Announcement({ tape }: { tape: FlowTape }): ReactNode {
  const [sentence, setSentence] = useState('')
  useEffect(() => {
    const timer = setInterval(() => {
      const { count, largest } = tape.takeAnnouncement()
      if (count === 0 || largest === null) return
      setSentence(
        `${grouped(count)} new, largest ${largest.alert.ticker} ${spokenMoney(largest.alert.premium ?? 0)}`,
      )
    }, Every)
    return () => clearInterval(timer)
  }, [tape])
  return (
    <div className="visually-hidden" aria-live="polite">
      {sentence}
    </div>
  )
}
