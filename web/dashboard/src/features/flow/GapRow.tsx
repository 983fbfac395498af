import { memo, type ReactNode } from 'react'
import { GapLine } from '../../ui/GapLine'
import type { GapRow } from './FlowTape'

/** A place in the tape where something is missing. */
export const GapRowView = memo(function GapRowView({ row }: { row: GapRow }): ReactNode {
  return (
    <div role="row" data-testid="gap-row" data-offset={row.offset}>
      <div role="gridcell">
        <GapLine gap={row} />
      </div>
    </div>
  )
})
