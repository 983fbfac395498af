import type { ReactNode } from 'react'
import { Columns } from './columns'
import styles from './Tape.module.css'
import cardStyles from './TapeCard.module.css'

const Rows = Array.from({ length: 48 }, (_, index) => index)
/** Shares of a column that its bones take, so that the rows look uneven as rows do. */
const Widths = [62, 74, 58, 80, 50, 68, 55]

/** Rows to be, while the first ones are asked for. */
export function TapeSkeleton({ isCards }: { isCards: boolean }): ReactNode {
  return (
    <div className={styles.bones} aria-busy="true" role="presentation" data-testid="skeleton">
      {Rows.map(row =>
        isCards ? (
          <div key={row} className={cardStyles.card}>
            <span className={styles.bone} style={{ width: width(row, 1) }} />
            <span
              className={`${styles.bone} ${cardStyles.premium}`}
              style={{ width: 'var(--premium-figure)' }}
            />
            <span className={styles.bone} style={{ width: width(row, 4) }} />
          </div>
        ) : (
          <div key={row} className={styles.row}>
            {Columns.map(({ key }, column) => (
              <span
                key={key}
                className={`${styles.bone} ${styles[key]}`}
                style={{ width: width(row, column) }}
              />
            ))}
          </div>
        ),
      )}
    </div>
  )
}

function width(row: number, column: number): string {
  return `${Widths[(row * 3 + column * 5) % Widths.length]}%`
}
