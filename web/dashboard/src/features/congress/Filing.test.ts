import { expect, test } from 'vitest'
import { type Filing, filingOrder, parseFiling } from './Filing'

test('A filing', () => {
  expect(
    parseFiling({
      amounts: '$15,001 - $50,000',
      filed_at_date: '2023-02-13',
      issuer: 'not-disclosed',
      member_type: 'house',
      name: 'A. Member',
      reporter: 'A. M.',
      ticker: 'FHWVOX',
      transaction_date: '2023-02-06',
      txn_type: 'Buy',
    }),
  ).toEqual({
    name: 'A. Member',
    chamber: 'House',
    ticker: 'FHWVOX',
    type: 'Buy',
    way: 'buy',
    amounts: '$15,001 - $50,000',
    tradedOn: '2023-02-06',
    filedOn: '2023-02-13',
    reporter: 'A. M.',
    issuer: 'not-disclosed',
  })
})

test.each([
  ['Buy', 'buy'],
  ['Purchase', 'buy'],
  ['Sell', 'sell'],
  ['Sale (Partial)', 'sell'],
  ['Exchange', null],
  ['<b>Receive</b>', null],
  ['', null],
  [7, null],
])('A transaction %j goes: %j', (type, way) => {
  expect(parseFiling({ name: 'X', txn_type: type })?.way).toBe(way)
})

test('What is missing is unknown, and a reporter stands in for a name', () => {
  expect(parseFiling({ reporter: 'R', filed_at_date: 'soon', ticker: null, amounts: 5 })).toMatchObject({
    name: 'R',
    reporter: null,
    filedOn: null,
    ticker: null,
    amounts: null,
    chamber: null,
  })
})

test.each([null, 'x', [], {}, { name: '' }, { name: 7 }])('%j is no filing', data => {
  expect(parseFiling(data)).toBeNull()
})

test('The newest filed is first; of a day, the newest trade; the undated last', () => {
  const filing = (filedOn: string | null, tradedOn: string | null): Filing =>
    ({ filedOn, tradedOn }) as unknown as Filing
  const order = [
    filing('2026-11-20', '2026-11-10'),
    filing('2026-11-20', '2026-11-09'),
    filing('2026-11-20', null),
    filing('2026-11-19', '2026-11-18'),
    filing(null, '2026-11-18'),
  ]
  expect(order.toReversed().sort((a, b) => filingOrder(b) - filingOrder(a))).toEqual(order)
})
