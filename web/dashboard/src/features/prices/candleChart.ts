import {
  CandlestickSeries,
  ColorType,
  CrosshairMode,
  createChart,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  LineStyle,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts'
import { count, sharePrice } from '../../ui/figures'
import { marketClock, marketMinute } from '../../ui/marketTime'
import { type Inks, inksOf } from '../../ui/useInks'
import type { Candle, CandleSeries } from './CandleSeries'

const InkNames = [
  'surface',
  'text',
  'text-3',
  'row-line',
  'line',
  'line-strong',
  'up',
  'down',
  'ground',
  'font-data',
] as const
type ChartInks = Inks<(typeof InkNames)[number]>

/** A drawn chart of one series. It is told to look; what has not changed since the last look is not drawn again. */
export class CandleChart {
  readonly #box: HTMLElement
  readonly #chart: IChartApi
  readonly #candles: ISeriesApi<'Candlestick'>
  readonly #volumes: ISeriesApi<'Histogram'>
  #inks: ChartInks
  #series: CandleSeries | null = null
  #stretch = 0
  #version = -1
  #rewritten = -1

  constructor(box: HTMLElement) {
    this.#box = box
    this.#inks = inksOf(box, InkNames)
    this.#chart = createChart(box, {
      autoSize: true,
      // It would bring a style sheet of its own, which the page's policy does not let in. The pane names the maker.
      layout: { attributionLogo: false, fontSize: 10 },
      crosshair: { mode: CrosshairMode.Normal },
      localization: {
        priceFormatter: sharePrice,
        timeFormatter: (time: Time) => marketClock(Number(time) * 1_000),
      },
      timeScale: {
        timeVisible: true,
        rightOffset: 2,
        tickMarkFormatter: (time: Time) => marketMinute(Number(time) * 1_000),
      },
      rightPriceScale: { scaleMargins: { top: 0.06, bottom: 0.16 } },
    })
    this.#candles = this.#chart.addSeries(CandlestickSeries, { priceLineStyle: LineStyle.Dotted })
    this.#volumes = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: '',
      priceFormat: { type: 'custom', formatter: (volume: number) => count(volume) },
      lastValueVisible: false,
      priceLineVisible: false,
    })
    this.#volumes.priceScale().applyOptions({ scaleMargins: { top: 0.88, bottom: 0 } })
    this.ink()
  }

  /** Reads the colours of the page again. */
  ink(): void {
    this.#inks = inksOf(this.#box, InkNames)
    const ink = this.#inks
    this.#chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: ink.surface },
        textColor: ink['text-3'],
        fontFamily: ink['font-data'],
      },
      grid: { vertLines: { visible: false }, horzLines: { color: ink['row-line'] } },
      rightPriceScale: { borderColor: ink.line },
      timeScale: { borderColor: ink.line },
      crosshair: {
        vertLine: { color: ink['text-3'], labelBackgroundColor: ink['line-strong'] },
        horzLine: { color: ink['text-3'], labelBackgroundColor: ink['line-strong'] },
      },
    })
    // Rises are solid, falls are open: it can be read in grey.
    this.#candles.applyOptions({
      upColor: ink.up,
      downColor: ink.surface,
      borderUpColor: ink.up,
      borderDownColor: ink.down,
      wickUpColor: ink.up,
      wickDownColor: ink.down,
      priceLineColor: ink.text,
    })
    this.#volumes.applyOptions({ color: ink['line-strong'] })
    this.#version = -1
    this.#series = null
  }

  /** Draws what is new in a series: its last candle, or all of them where more than that has changed. */
  show(series: CandleSeries, stretch: number): void {
    if (series === this.#series && stretch === this.#stretch && series.version === this.#version) return
    const last = series.lastOf(stretch)
    if (
      series === this.#series &&
      stretch === this.#stretch &&
      series.rewritten === this.#rewritten &&
      last !== null
    ) {
      this.#candles.update(barOf(last))
      this.#volumes.update(volumeOf(last))
    } else {
      const candles = series.of(stretch)
      this.#candles.setData(candles.map(barOf))
      this.#volumes.setData(candles.map(volumeOf))
      if (series !== this.#series || stretch !== this.#stretch) this.#chart.timeScale().scrollToRealTime()
    }
    this.#series = series
    this.#stretch = stretch
    this.#version = series.version
    this.#rewritten = series.rewritten
  }

  end(): void {
    this.#chart.remove()
  }
}

function secondsOf(at: number): UTCTimestamp {
  return (at / 1_000) as UTCTimestamp
}

function barOf({ at, open, high, low, close }: Candle) {
  return { time: secondsOf(at), open, high, low, close }
}

function volumeOf({ at, volume }: Candle) {
  return { time: secondsOf(at), value: volume }
}
