const Name = 'tidewire'
const Table = 'kept'

/**
 * What the browser keeps of the data for a time without the server, by key, in IndexedDB. A browser may refuse that; then
 * nothing is kept.
 */
export class KeptData {
  #database: Promise<IDBDatabase> | null = null

  async get(key: string): Promise<unknown> {
    try {
      const table = (await this.#open()).transaction(Table).objectStore(Table)
      return await answer(table.get(key))
    } catch {
      return undefined
    }
  }

  async put(key: string, value: unknown): Promise<void> {
    try {
      const table = (await this.#open()).transaction(Table, 'readwrite').objectStore(Table)
      await answer(table.put(value, key))
    } catch {
      // A full or forbidden storage keeps what it has: the page does without.
    }
  }

  #open(): Promise<IDBDatabase> {
    this.#database ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(Name, 1)
      request.onupgradeneeded = () => request.result.createObjectStore(Table)
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
    return this.#database
  }
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
