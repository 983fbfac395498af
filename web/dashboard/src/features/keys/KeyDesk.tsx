import { type ReactNode, useEffect, useState } from 'react'
import { Icon } from '../../ui/Icon'
import { useCell } from '../../ui/useCell'
import type { TickerCommand } from './Command'
import styles from './KeyDesk.module.css'
import { KeySheet } from './KeySheet'
import { type Keys, PairWithin } from './Keys'
import { Palette } from './Palette'
import { useKeys } from './useKeys'

/** Listens to the keys of the page, and shows the palette and the sheet of keys when they are wanted. */
export function KeyDesk({
  keys,
  tickers,
  tickerCommands,
}: {
  keys: Keys
  /** The tickers the page knows, asked for when the palette opens. */
  tickers: () => readonly string[]
  tickerCommands: readonly TickerCommand[]
}): ReactNode {
  useKeys(keys)
  const overlay = useCell(keys.overlay)
  const pending = useCell(keys.pending)
  const close = (): void => keys.show('none')
  useEffect(() => {
    if (pending === null) return
    const timer = setTimeout(() => keys.lapse(), PairWithin + 1)
    return () => clearTimeout(timer)
  }, [pending, keys])
  return (
    <>
      {overlay === 'palette' && (
        <OpenPalette keys={keys} tickers={tickers} tickerCommands={tickerCommands} onClose={close} />
      )}
      {overlay === 'keys' && <KeySheet keys={keys} onClose={close} />}
      {pending !== null && (
        <div className={styles.pending} role="status">
          <kbd>{pending}</kbd> and a letter to go to a panel
        </div>
      )}
    </>
  )
}

function OpenPalette({
  keys,
  tickers,
  tickerCommands,
  onClose,
}: {
  keys: Keys
  tickers: () => readonly string[]
  tickerCommands: readonly TickerCommand[]
  onClose: () => void
}): ReactNode {
  const [searched] = useState(() => ({ commands: keys.commands, tickers: tickers(), tickerCommands }))
  return <Palette searched={searched} onClose={onClose} />
}

/** The way to the palette for those who do not know its key. */
export function SeekButton({ keys }: { keys: Keys }): ReactNode {
  return (
    <button type="button" className={styles.seek} data-testid="seek" onClick={() => keys.show('palette')}>
      <Icon name="search" size="small" />
      <span>Search or command</span>
      <kbd>Ctrl K</kbd>
    </button>
  )
}
