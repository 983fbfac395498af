import { type FlowAlert, parseFlowAlert } from '../features/flow/FlowAlert'
import type { FlowTape } from '../features/flow/FlowTape'
import type { HeardAlert } from '../features/sound/HeardAlert'
import type { SoundDesk } from '../features/sound/SoundDesk'
import type { SessionTide } from '../features/tide/SessionTide'
import type { ChannelReader } from '../stream/Channels'
import { money } from '../ui/figures'

/** The tape as the reader of its channel, with the sound and the tide line reading along. */
export function readAlong(tape: FlowTape, sound: SoundDesk, tide: SessionTide): ChannelReader {
  return {
    joined: historyFollows => tape.joined(historyFollows),
    refused: reason => tape.refused(reason),
    entries: (entries, how) => {
      tape.entries(entries, how)
      for (const entry of entries) {
        if (entry.type === 'gap') tide.misses(entry)
        // What is from history has been heard, or is past.
        else if (how === 'live') {
          const alert = parseFlowAlert(entry.data)
          if (alert === null) continue
          const reasons = sound.hear(heardOf(alert))
          // A watched ticker may alert all day long: that is no mark in a session.
          if (reasons.some(reason => reason !== 'watch'))
            tide.fired({ at: entry.receivedAt, words: wordsOf(alert) })
        }
      }
    },
  }
}

function heardOf({ ticker, option, premium, size, isSweep }: FlowAlert): HeardAlert {
  return {
    ticker,
    contract: option === null ? ticker : `${option.root} ${option.expiry} ${option.type} ${option.strike}`,
    strike: option?.strike ?? null,
    type: option?.type ?? null,
    premium,
    size,
    isSweep,
  }
}

function wordsOf({ ticker, option, premium }: FlowAlert): string {
  const contract = option === null ? ticker : `${ticker} ${option.strike} ${option.type}`
  return premium === null ? contract : `${contract} ${money(premium)}`
}
