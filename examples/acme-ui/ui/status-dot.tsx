import * as React from "react"

const colours = {
  ready: "bg-emerald-500",
  working: "bg-sky-500 motion-safe:animate-pulse",
  failed: "bg-red-500",
  idle: "bg-neutral-400",
} as const

export type Status = keyof typeof colours

export interface StatusDotProps extends React.ComponentProps<"span"> {
  status: Status
  /** What the dot means, in a word: colour alone tells too little. */
  label: string
}

export function StatusDot({ status, label, className, ...props }: StatusDotProps) {
  return (
    <span className={`inline-flex items-center gap-2 text-sm ${className ?? ""}`} {...props}>
      <span aria-hidden className={`size-2 rounded-full ${colours[status]}`} />
      {label}
    </span>
  )
}
