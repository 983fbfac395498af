import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { Readable } from '../../stream/Cell'
import { Columns } from './columns'
import type { FlowTape, TapeView } from './FlowTape'
import { GapRowView } from './GapRow'
import { SlotLetters } from './marks'
import styles from './Tape.module.css'
import { TapeCard } from './TapeCard'
import { TapeRowView } from './TapeRow'
import { type RowHeights, TapeWindow } from './TapeWindow'

/** The column heads. Newest on top is the only order there is, and it says so. */
export function TapeHead(): ReactNode {
  return (
    <div className={`${styles.row} ${styles.head}`} role="row">
      {Columns.map(({ key, head, title }) => (
        <span
          key={key}
          role="columnheader"
          className={styles[key]}
          title={title ?? undefined}
          aria-sort={key === 'age' ? 'descending' : undefined}
        >
          {key === 'flags' ? SlotLetters.map(letter => <i key={letter}>{letter}</i>) : head}
          {head === '' && <span className="visually-hidden">{title}</span>}
          {key === 'age' && <span aria-hidden="true"> ↓</span>}
        </span>
      ))}
    </div>
  )
}

/** The rows, of which only those in view are drawn. */
export function TapeRows({
  view,
  tape,
  clock,
  isCards,
  scroller,
}: {
  view: TapeView
  tape: FlowTape
  clock: Readable<number>
  isCards: boolean
  scroller: RefObject<HTMLDivElement | null>
}): ReactNode {
  const { rows } = view
  const heights = useMemo(() => readHeights(isCards), [isCards])
  const geometry = useMemo(() => new TapeWindow(heights), [heights])
  const [scrolled, setScrolled] = useState(0)
  const [viewport, setViewport] = useState(0)
  const drawn = useRef<HTMLDivElement>(null)

  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    const measure = (): void => setViewport(element.clientHeight)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [scroller])

  const isHeld = view.isHeld
  useEffect(() => {
    // Whoever lets the tape run again wants to see its newest row.
    if (!isHeld) scroller.current?.scrollTo({ top: 0 })
  }, [isHeld, scroller])

  // Drawn again after it was put away, the tape begins at its top.
  useEffect(() => () => tape.reachTop(), [tape])

  const { start, end, top, height } = geometry.range(rows, scrolled, viewport)
  useLayoutEffect(() => {
    // A row's index changes with every arrival. Written here, it costs an attribute and not a rendered row.
    Array.from(drawn.current?.children ?? []).forEach((element, index) => {
      element.setAttribute('aria-rowindex', String(start + index + 2))
    })
  })

  const onScroll = (): void => {
    const offset = scroller.current?.scrollTop ?? 0
    if (offset > heights.row / 2) tape.leaveTop()
    else tape.reachTop()
    // In steps of a row, so that most scroll events render nothing.
    setScrolled(Math.floor(offset / heights.row) * heights.row)
  }

  return (
    <div
      className={styles.scroller}
      ref={scroller}
      onScroll={onScroll}
      role="rowgroup"
      tabIndex={0}
      aria-label="Rows"
    >
      <div className={styles.sizer} style={{ height }} role="presentation">
        <div ref={drawn} style={{ transform: `translateY(${top}px)` }} role="presentation">
          {rows.slice(start, end).map(row => {
            if (row.kind === 'gap') return <GapRowView key={row.key} row={row} />
            return isCards ? (
              <TapeCard key={row.key} row={row} clock={clock} />
            ) : (
              <TapeRowView key={row.key} row={row} clock={clock} />
            )
          })}
        </div>
      </div>
    </div>
  )
}

function readHeights(isCards: boolean): RowHeights {
  const tokens = getComputedStyle(document.documentElement)
  const height = (name: string): number => Number.parseFloat(tokens.getPropertyValue(name))
  return isCards
    ? { row: height('--card'), loud: height('--card-loud'), gap: height('--row-gap') }
    : { row: height('--row'), loud: height('--row'), gap: height('--row-gap') }
}
