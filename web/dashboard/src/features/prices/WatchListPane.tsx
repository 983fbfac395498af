import { type ReactNode, useEffect, useState } from 'react'
import type { FeedStates } from '../../stream/FeedStates'
import { IconButton } from '../../ui/Button'
import { Icon } from '../../ui/Icon'
import { Empty, Panel, type Situation } from '../../ui/Panel'
import { TickerField } from '../../ui/TickerField'
import { useCell } from '../../ui/useCell'
import { Tiles } from './Tiles'
import type { WatchList } from './WatchList'

/** The watch-list: the newest price of each ticker the reader has chosen. */
export function WatchListPane({
  list,
  feeds,
  situation,
}: {
  list: WatchList
  feeds: FeedStates
  situation: Situation
}): ReactNode {
  useEffect(() => list.open(), [list])
  const tickers = useCell(list.tickers)
  const [isEditing, setIsEditing] = useState(false)
  return (
    <Panel
      name="Watch-list"
      situation={situation}
      sub={tickers.length === 1 ? '1 ticker' : `${tickers.length} tickers`}
      actions={
        <>
          <TickerField
            label="Add a ticker to the watch-list"
            action="Add"
            icon="plus"
            placeholder="Add ticker"
            onSubmit={text => list.add(text)}
          />
          <IconButton
            label="Edit the watch-list"
            aria-pressed={isEditing}
            onClick={() => setIsEditing(!isEditing)}
          >
            <Icon name="gear" />
          </IconButton>
        </>
      }
    >
      {tickers.length === 0 ? (
        <Empty
          words={{ title: 'No ticker is watched', body: 'Add one above. The list is kept in this browser.' }}
        />
      ) : (
        <Tiles list={list} feeds={feeds} clock={situation.clock} isEditing={isEditing} />
      )}
    </Panel>
  )
}
