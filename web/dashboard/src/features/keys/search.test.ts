import { beforeEach, expect, test } from 'vitest'
import type { Command, TickerCommand } from './Command'
import { search } from './search'

let ran: string[]
const command = (title: string, more: Partial<Command> = {}): Command => ({
  id: title,
  title,
  group: 'Tape',
  icon: 'tape',
  keys: ['x'],
  run: () => ran.push(title),
  ...more,
})
const ofTicker = (id: string): TickerCommand => ({
  id,
  icon: 'price',
  title: ticker => `${id} of ${ticker}`,
  run: ticker => ran.push(`${id} ${ticker}`),
})
const searched = {
  commands: [
    command('Pause the tape'),
    command('Next row', { isKeyOnly: true }),
    command('Invert the theme'),
  ],
  tickers: ['SPY', 'NVDAX', 'NVDA', 'NVO', 'NVAX', 'NVTS', 'NV1'],
  tickerCommands: [ofTicker('Price'), ofTicker('Gamma')],
}
const titles = (written: string): string[] => search(written, searched).map(({ title }) => title)

beforeEach(() => {
  ran = []
})

test('Nothing written: every command, but no steps within a list and no tickers', () => {
  expect(titles('')).toEqual(['Pause the tape', 'Invert the theme'])
  expect(titles('  ')).toHaveLength(2)
})

test('A ticker is found by its beginning, the shortest first, and the first one has its own commands', () => {
  const offers = search('nv', searched)
  expect(offers.map(({ group, title }) => `${group}: ${title}`)).toEqual([
    'Tickers: NV1',
    'Tickers: NVO',
    'Tickers: NVAX',
    'Tickers: NVDA',
    'With NV1: Price of NV1',
    'With NV1: Gamma of NV1',
    'Commands: Invert the theme',
  ])
  expect(offers[0]?.mark).toEqual([0, 2])
  expect(offers.at(-1)?.mark).toEqual([1, 3])
})

test('A ticker written whole comes first, known or not', () => {
  expect(titles('nvda').slice(0, 2)).toEqual(['NVDA', 'NVDAX'])
  expect(titles('zzz')).toEqual(['ZZZ', 'Price of ZZZ', 'Gamma of ZZZ'])
  search('zzz', searched)[2]?.run()
  expect(ran).toEqual(['Gamma ZZZ'])
})

test('A command comes before a ticker that nobody has shown', () => {
  expect(titles('theme')).toEqual(['Invert the theme', 'THEME', 'Price of THEME', 'Gamma of THEME'])
})

test('A command at whose words it begins comes before one in which it only stands', () => {
  const of = (written: string): string[] =>
    search(written, {
      ...searched,
      tickerCommands: [],
      commands: [command('Late rows'), command('Show the tape'), command('Tape only')],
    }).map(({ title }) => title)
  expect(of('t')).toEqual(['Tape only', 'Show the tape', 'Late rows'])
})

test('What is no ticker is looked for among the commands only', () => {
  expect(titles('the tape')).toEqual(['Pause the tape'])
  expect(titles('<b>')).toEqual([])
})
