import type { Reason } from './HeardAlert'

/** A sound of the reader's own. */
export interface OwnSound {
  readonly name: string
  readonly bytes: ArrayBuffer
}

/** Where the reader's own sounds are kept. */
export interface SoundShelf {
  get(reason: Reason): Promise<OwnSound | null>
  /** Null takes it away. */
  put(reason: Reason, sound: OwnSound | null): Promise<void>
}

/** The largest file taken, bytes. */
export const LargestSound = 1_048_576
/** The longest sound taken, seconds: an alert is no song. */
export const LongestSound = 10

/** Why a file is not taken, or null. `seconds` is null before it is decoded. */
export function soundFault(bytes: number, seconds: number | null): string | null {
  if (bytes === 0) return 'The file is empty.'
  if (bytes > LargestSound)
    return `The file has ${(bytes / 1_048_576).toFixed(1)} MiB. At most 1 MiB is taken.`
  if (seconds !== null && seconds > LongestSound)
    return `The sound is ${Math.round(seconds)} seconds long. At most ${LongestSound} are taken.`
  return null
}

const Store = 'sounds'

/** The reader's own sounds in the browser's database: they stay on this device. */
export function databaseShelf(open: () => IDBOpenDBRequest): SoundShelf {
  let database: Promise<IDBDatabase> | null = null
  const opened = (): Promise<IDBDatabase> => {
    database ??= new Promise((resolve, reject) => {
      const request = open()
      request.onupgradeneeded = () => request.result.createObjectStore(Store)
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error ?? new Error('The browser’s database cannot be opened.'))
    })
    return database
  }
  const ask = async <T>(
    mode: IDBTransactionMode,
    request: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> => {
    const store = (await opened()).transaction(Store, mode).objectStore(Store)
    return await new Promise((resolve, reject) => {
      const asked = request(store)
      asked.onsuccess = () => resolve(asked.result)
      asked.onerror = () => reject(asked.error ?? new Error('The browser’s database does not answer.'))
    })
  }
  return {
    get: async reason =>
      ((await ask('readonly', store => store.get(reason))) as OwnSound | undefined) ?? null,
    put: async (reason, sound) => {
      if (sound === null) await ask('readwrite', store => store.delete(reason))
      else await ask('readwrite', store => store.put(sound, reason))
    },
  }
}
