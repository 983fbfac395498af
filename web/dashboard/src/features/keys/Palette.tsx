import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react'
import { Icon } from '../../ui/Icon'
import { Modal } from '../../ui/Modal'
import styles from './KeyDesk.module.css'
import { Strokes } from './Strokes'
import { type Offer, type Searched, search } from './search'

/** A line to write a ticker or a command in, and what it could mean. */
export function Palette({ searched, onClose }: { searched: Searched; onClose: () => void }): ReactNode {
  const [written, setWritten] = useState('')
  const [chosen, setChosen] = useState(0)
  const offers = useMemo(() => search(written, searched), [written, searched])
  const at = Math.min(chosen, offers.length - 1)
  const list = useRef<HTMLDivElement>(null)
  const id = useId()
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls whenever another offer is chosen
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  }, [at, offers])
  const choose = (offer: Offer | undefined): void => {
    if (offer === undefined) return
    // Closed first: what it opens must be able to take the focus.
    onClose()
    offer.run()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return
    const to: Record<string, number> = {
      ArrowDown: at + 1 < offers.length ? at + 1 : 0,
      ArrowUp: at > 0 ? at - 1 : offers.length - 1,
      Home: 0,
      End: offers.length - 1,
    }
    if (event.key === 'Enter') choose(offers[at])
    else if (to[event.key] === undefined) return
    else setChosen(to[event.key] ?? 0)
    event.preventDefault()
  }
  return (
    <Modal name="Command palette" onClose={onClose}>
      <div className={styles.ask}>
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-label="Search or command"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={offers[at] === undefined ? undefined : `${id}-${at}`}
          placeholder="A ticker or a command"
          // The palette was opened to write in it.
          // biome-ignore lint/a11y/noAutofocus: a dialog must put the focus somewhere, and here it belongs
          autoFocus
          value={written}
          autoComplete="off"
          spellCheck={false}
          onKeyDown={onKeyDown}
          onChange={event => {
            setWritten(event.target.value)
            setChosen(0)
          }}
        />
        <kbd>Esc</kbd>
      </div>
      <div ref={list} id={id} role="listbox" aria-label="What it could mean" className={styles.list}>
        {offers.map((offer, index) => (
          <OfferRow
            key={offer.id}
            id={`${id}-${index}`}
            offer={offer}
            isFirstOfGroup={offers[index - 1]?.group !== offer.group}
            isChosen={index === at}
            onPoint={() => setChosen(index)}
            onChoose={() => choose(offer)}
          />
        ))}
        {offers.length === 0 && (
          <p className={styles.nothing}>
            No command has “{written.trim()}” in its name, and no ticker can be called so.
          </p>
        )}
      </div>
      <div className={styles.foot}>
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> choose
        </span>
        <span>
          <kbd>Enter</kbd> do it
        </span>
        <span>
          <kbd>?</kbd> all keys
        </span>
      </div>
    </Modal>
  )
}

function OfferRow({
  id,
  offer,
  isFirstOfGroup,
  isChosen,
  onPoint,
  onChoose,
}: {
  id: string
  offer: Offer
  isFirstOfGroup: boolean
  isChosen: boolean
  onPoint: () => void
  onChoose: () => void
}): ReactNode {
  return (
    <>
      {isFirstOfGroup && (
        <div className={styles.group} role="presentation">
          {offer.group}
        </div>
      )}
      {/* The line above has the focus and its keys. */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: see above */}
      <div
        id={id}
        role="option"
        aria-selected={isChosen}
        className={styles.option}
        onPointerMove={isChosen ? undefined : onPoint}
        onClick={onChoose}
      >
        <Icon name={offer.icon} />
        <Title offer={offer} />
        <Strokes keys={offer.keys} />
      </div>
    </>
  )
}

function Title({ offer: { title, mark, id } }: { offer: Offer }): ReactNode {
  const className = id.startsWith('ticker:') ? 'data' : undefined
  if (mark === null) return <span className={className}>{title}</span>
  const [from, to] = mark
  return (
    <span className={className}>
      {title.slice(0, from)}
      <mark>{title.slice(from, to)}</mark>
      {title.slice(to)}
    </span>
  )
}
