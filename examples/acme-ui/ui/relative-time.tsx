import * as React from "react"

import { formatRelative } from "@/lib/format-relative"

export interface RelativeTimeProps extends React.ComponentProps<"time"> {
  date: Date
}

export function RelativeTime({ date, ...props }: RelativeTimeProps) {
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()} {...props}>
      {formatRelative(date)}
    </time>
  )
}
