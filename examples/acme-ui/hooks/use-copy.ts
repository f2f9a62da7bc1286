import * as React from "react"

/** Copies a text and is true for a moment afterwards. */
export function useCopy(remember = 2000): [boolean, (text: string) => Promise<void>] {
  const [copied, setCopied] = React.useState(false)
  React.useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), remember)
    return () => clearTimeout(timer)
  }, [copied, remember])
  const copy = async (text: string) => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
  }
  return [copied, copy]
}
