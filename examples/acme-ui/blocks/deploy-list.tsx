import { CopyButton } from "@/components/ui/copy-button"
import { RelativeTime } from "@/components/ui/relative-time"
import { StatusDot } from "@/components/ui/status-dot"

import { type Deploy, words } from "./deploys"

export function DeployList({ deploys }: { deploys: Deploy[] }) {
  return (
    <ol className="divide-y rounded-md border text-sm">
      {deploys.map((deploy) => (
        <li key={deploy.id} className="flex items-center gap-4 px-4 py-3">
          <StatusDot status={deploy.status} label={words[deploy.status]} />
          <span className="min-w-0 flex-1 truncate">{deploy.message}</span>
          <CopyButton text={deploy.commit} className="font-mono">
            {deploy.commit.slice(0, 7)}
          </CopyButton>
          <RelativeTime date={deploy.at} className="text-muted-foreground" />
        </li>
      ))}
    </ol>
  )
}
