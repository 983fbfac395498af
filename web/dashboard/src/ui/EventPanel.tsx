import { type ReactElement, type ReactNode, useEffect } from 'react'
import { type GapFacts, GapLine } from './GapLine'
import { type EmptyWords, type FeedFacts, NoRows, Panel, type Situation } from './Panel'
import { ScrollList, Waiting } from './ScrollList'
import { type Source, useCell } from './useCell'

interface KeyedRow {
  readonly kind: string
  readonly key: string
}

type Gap = KeyedRow & GapFacts & { readonly kind: 'gap' }

/** A list of events that is read while it is open: what this needs of one. */
interface Events<Row extends KeyedRow>
  extends Source<{
    readonly rows: readonly (Row | Gap)[]
    readonly isLoaded: boolean
    readonly refusal: string | null
    readonly isHeld: boolean
    readonly waiting: number
  }> {
  /** Reads until the result is called. */
  open(): () => void
  readonly reachTop: () => void
  readonly leaveTop: () => void
}

/** What a bar says of a list that stands still. */
export const heldWords = (isHeld: boolean): string | undefined => (isHeld ? 'held while you read' : undefined)

/** The newest events of a channel: its rows and gaps, or why there are none. */
export function EventPanel<Row extends KeyedRow & { readonly kind: 'item' }>({
  events,
  label,
  words,
  sub = heldWords,
  actions,
  within,
  gap,
  row,
  ...panel
}: {
  events: Events<Row>
  name: string
  heading: ReactNode
  situation: Situation
  feed: FeedFacts
  isFeedAlwaysShown?: boolean
  /** What the rows are, for those who hear the page. */
  label: string
  words: EmptyWords
  sub?: (isHeld: boolean) => ReactNode
  actions?: ReactNode
  /** What the rows stand in. */
  within: (rows: ReactNode) => ReactNode
  /** What a gap's line stands in. */
  gap: (key: string, line: ReactNode) => ReactElement
  row: (row: Row) => ReactElement
}): ReactNode {
  useEffect(() => events.open(), [events])
  const view = useCell(events)
  return (
    <Panel
      {...panel}
      sub={sub(view.isHeld)}
      actions={
        <>
          <Waiting count={view.waiting} onShow={events.reachTop} />
          {actions}
        </>
      }
    >
      {view.rows.length === 0 ? (
        <NoRows {...view} situation={panel.situation} feed={panel.feed} words={words} />
      ) : (
        <ScrollList
          label={label}
          isHeld={view.isHeld}
          onLeaveTop={events.leaveTop}
          onReachTop={events.reachTop}
        >
          {within(
            view.rows.map(one =>
              one.kind === 'gap' ? gap(one.key, <GapLine gap={one as Gap} />) : row(one as Row),
            ),
          )}
        </ScrollList>
      )}
    </Panel>
  )
}

/** A gap among the rows of a table. */
export const gapInTable =
  (className: string | undefined) =>
  (key: string, line: ReactNode): ReactElement => (
    <tr key={key} data-testid="panel-gap">
      <td className={className}>{line}</td>
    </tr>
  )

/** A gap among the items of a list. */
export const gapInList = (key: string, line: ReactNode): ReactElement => (
  <li key={key} data-testid="panel-gap">
    {line}
  </li>
)
