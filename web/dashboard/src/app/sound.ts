import type { WatchList } from '../features/prices/WatchList'
import { browserNotices } from '../features/sound/Notices'
import { databaseShelf } from '../features/sound/OwnSounds'
import { SoundDesk } from '../features/sound/SoundDesk'
import { type AudioEngine, SoundOutput } from '../features/sound/SoundOutput'
import { Voice } from '../features/sound/Voice'

/** The sound of the page with the browser's own loudspeaker, voice, notices and storage. */
export function openSound(watchList: WatchList): SoundDesk {
  const sound = new SoundDesk({
    output: new SoundOutput({
      open: () => new AudioContext() as AudioEngine,
      wasTouched: () => navigator.userActivation.hasBeenActive,
    }),
    voice: new Voice('speechSynthesis' in globalThis ? speechSynthesis : null),
    notices: browserNotices(),
    shelf: databaseShelf(() => indexedDB.open('tidewire-sounds', 1)),
    isWatched: ticker => watchList.tickers.get().includes(ticker),
    now: Date.now,
    minuteOfDay: () => {
      const now = new Date()
      return now.getHours() * 60 + now.getMinutes()
    },
  })
  // A browser lets a page sound from a press on; these come before what the press does.
  for (const press of ['pointerdown', 'keydown'])
    addEventListener(press, () => sound.touched(), { capture: true })
  return sound
}
