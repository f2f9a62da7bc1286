import type { Status } from "@/components/ui/status-dot"

export interface Deploy {
  id: string
  commit: string
  message: string
  status: Status
  at: Date
}

export const words: Record<Status, string> = {
  ready: "Ready",
  working: "Building",
  failed: "Failed",
  idle: "Queued",
}
