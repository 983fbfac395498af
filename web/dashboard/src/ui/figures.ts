/** How figures are written. A minus is U+2212, a number and its unit are parted by a thin space, missing is a dash. */
export const Missing = '–'
export const Thin = '\u2009'
const Minus = '\u2212'

const groups = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `1,234`. */
export function grouped(value: number): string {
  return groups.format(value).replace('-', Minus)
}

/** Dollars at a glance: `$0.01` `$161` `$2.4K` `$265K` `$1.2M` `$12.3M` `$6.93B` `$7.46T`. */
export function money(value: number): string {
  const sign = value < 0 ? Minus : ''
  const amount = Math.abs(value)
  if (amount >= 9.995e14) return `${sign}$${amount.toExponential(1).replace('+', '')}`
  if (amount >= 9.995e11) return `${sign}$${(amount / 1e12).toFixed(amount >= 9.995e12 ? 1 : 2)}T`
  if (amount >= 999_500_000) return `${sign}$${(amount / 1e9).toFixed(amount >= 9.995e9 ? 1 : 2)}B`
  if (amount >= 999_500) return `${sign}$${(amount / 1e6).toFixed(1)}M`
  if (amount >= 9_950) return `${sign}$${Math.round(amount / 1e3)}K`
  if (amount >= 999.5) return `${sign}$${(amount / 1e3).toFixed(1)}K`
  return `${sign}$${amount < 9.995 ? amount.toFixed(2) : Math.round(amount)}`
}

/** The same with its sign always: `+$6.93B`, `−$3.97B`, `$0.00`. */
export function signedMoney(value: number): string {
  return value > 0 ? `+${money(value)}` : money(value)
}

/** Dollars as they are spoken: `12.3 million`. */
export function spokenMoney(value: number): string {
  if (value >= 999_500_000) return `${(value / 1e9).toFixed(1)} billion`
  if (value >= 999_500) return `${(value / 1e6).toFixed(1)} million`
  if (value >= 999.5) return `${Math.round(value / 1e3)} thousand`
  return `${Math.round(value)} dollars`
}

/** A count of contracts or shares: exact to 99,999, then `163K`, `1.2M`, `5.3B`. */
export function count(value: number): string {
  if (value >= 9.995e14) return value.toExponential(1).replace('+', '')
  if (value >= 9.995e11) return `${(value / 1e12).toFixed(1)}T`
  if (value >= 999_500_000) return `${(value / 1e9).toFixed(1)}B`
  if (value >= 999_500) return `${(value / 1e6).toFixed(1)}M`
  return value >= 100_000 ? `${Math.round(value / 1e3)}K` : grouped(value)
}

/** A price of a share: two decimals, four under a dollar: `0.0412`, `593.14`, `21,427.94`. */
export function sharePrice(value: number): string {
  return decimals(value, isPenny(value) ? 4 : 2)
}

/** A change of a price, its sign always, with the decimals of that price: `+7.77`, `−0.23`, `+0.0011`, `0.00`. */
export function signedPrice(value: number, price: number): string {
  const text = decimals(value, isPenny(price) ? 4 : 2)
  return value > 0 ? `+${text}` : text
}

function isPenny(price: number): boolean {
  const amount = Math.abs(price)
  return amount > 0 && amount < 0.99995
}

function decimals(value: number, digits: 2 | 4): string {
  if (Math.abs(value) >= 1e9) return `${value < 0 ? Minus : ''}${count(Math.abs(value))}`
  return (digits === 4 ? fourDecimals : twoDecimals).format(value).replace('-', Minus)
}

const twoDecimals = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const fourDecimals = new Intl.NumberFormat('en-US', { minimumFractionDigits: 4, maximumFractionDigits: 4 })

/** A change in percent with two decimals, none from 1,000 on: `+1.27%`, `−0.41%`, `0.00%`. `value` is the percentage. */
export function percentChange(value: number): string {
  const amount = Math.abs(value)
  if (amount >= 1e6) return `${value < 0 ? Minus : '+'}${count(amount)}%`
  const text = amount >= 999.95 ? grouped(amount) : amount.toFixed(2)
  return `${Number(text) === 0 ? '' : value < 0 ? Minus : '+'}${text}%`
}

/** A signed percentage with one decimal, none from 100 on: `+10.9%`, `−0.2%`, `+407%`. */
export function signedPercent(ratio: number): string {
  const percent = Math.abs(ratio) * 100
  const text = percent.toFixed(percent >= 99.95 ? 0 : 1)
  const isZero = Number(text) === 0
  return `${isZero ? '' : ratio < 0 ? Minus : '+'}${text}%`
}

/** A multiple: `<.01×`, `0.05×`, `2.4×`, `13×`. */
export function multiple(value: number): string {
  if (value > 0 && value < 0.005) return '<.01×'
  return `${value.toFixed(value >= 9.95 ? 0 : value < 0.095 ? 2 : 1)}×`
}

/** The age of a row: `NEW` under two seconds, then `2s`, `1m`, `3h`, `2d`. */
export function age(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000)
  if (seconds < 2) return 'NEW'
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}

/** A stretch of time in whole seconds: `12 s`, `2 m 14 s`, `1 h 38 m`, `2 d 14 h`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000))
  const unit = (value: number, name: string): string => `${value}${Thin}${name}`
  if (seconds < 60) return unit(seconds, 's')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${unit(minutes, 'm')} ${unit(seconds % 60, 's')}`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${unit(hours, 'h')} ${unit(minutes % 60, 'm')}`
  return `${unit(Math.floor(hours / 24), 'd')} ${unit(hours % 24, 'h')}`
}
