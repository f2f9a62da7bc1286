import * as React from "react"

import { useCopy } from "@/hooks/use-copy"

export interface CopyButtonProps extends Omit<React.ComponentProps<"button">, "onClick"> {
  text: string
}

export function CopyButton({ text, children = "Copy", ...props }: CopyButtonProps) {
  const [copied, copy] = useCopy()
  return (
    <button type="button" onClick={() => copy(text)} {...props}>
      <span aria-live="polite">{copied ? "Copied" : children}</span>
    </button>
  )
}
