//! What to do at the git host, in its own words.

use model::view::HostSteps;
use url::Url;
use webhook::Host;

/// The steps for the host of this address; for all hosts if it does not tell.
pub(super) fn steps_for(repository: &str) -> Vec<HostSteps> {
    let hosts = guess(repository).map_or_else(|| Host::ALL.to_vec(), |host| vec![host]);
    hosts.into_iter().map(|host| HostSteps { host: host.label().to_owned(), steps: steps(host) }).collect()
}

/// The kind of host, by the names that they are commonly given.
fn guess(repository: &str) -> Option<Host> {
    let url = Url::parse(repository).ok()?;
    let name = url.host_str()?;
    match name {
        "bitbucket.org" => Some(Host::BitbucketCloud),
        "codeberg.org" => Some(Host::Forgejo),
        _ => match name.split('.').next()? {
            "github" => Some(Host::GitHub),
            "gitlab" => Some(Host::GitLab),
            "gitea" => Some(Host::Gitea),
            "forgejo" => Some(Host::Forgejo),
            "bitbucket" => Some(Host::BitbucketServer),
            _ => None,
        },
    }
}

fn steps(host: Host) -> Vec<String> {
    let steps: &[&str] = match host {
        // https://docs.github.com/en/webhooks/using-webhooks/creating-webhooks
        Host::GitHub => &[
            "In the repository, open Settings, then Webhooks, and choose Add webhook.",
            "Payload URL: the address. Content type: application/json. Secret: the secret.",
            "Keep “Just the push event”, which includes tags, and choose Add webhook. GitHub sends a ping at once.",
        ],
        // https://docs.gitlab.com/user/project/integrations/webhooks/#create-a-webhook
        Host::GitLab => &[
            "In the project, open Settings, then Webhooks, and choose Add new webhook.",
            "URL: the address. Secret token: the secret. Where GitLab offers a signing token, that field takes it instead, and deliveries are signed.",
            "Trigger: Push events and Tag push events. Leave SSL verification on and choose Add webhook.",
            "Test, then Push events, sends one at once.",
        ],
        // https://docs.gitea.com/usage/repository/webhooks
        Host::Gitea => &[
            "In the repository, open Settings, then Webhooks, and add one of the kind Gitea.",
            "Target URL: the address. POST, application/json. Secret: the secret.",
            "Trigger on: Custom events, with Push, Create and Delete. Choose Add webhook.",
        ],
        // https://forgejo.org/docs/latest/user/webhooks/
        Host::Forgejo => &[
            "In the repository, open Settings, then Webhooks, and add one of the kind Forgejo.",
            "Target URL: the address. POST, application/json. Secret: the secret.",
            "Trigger on: Custom events, with Push, Create and Delete. Choose Add webhook.",
        ],
        // https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/
        Host::BitbucketCloud => &[
            "In the repository, open Repository settings, then Webhooks, and choose Add webhook.",
            "URL: the address. Secret: the secret. Status: Active.",
            "Triggers: Repository push. Choose Save.",
        ],
        // https://confluence.atlassian.com/bitbucketserver/managing-webhooks-in-bitbucket-server-938025878.html
        Host::BitbucketServer => &[
            "In the repository, open Repository settings, then Webhooks, and choose Create webhook.",
            "URL: the address. Secret: the secret. Status: Active.",
            "Events: Repository, Push. Choose Create.",
        ],
    };
    steps.iter().map(|&step| step.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_guessed_by_its_name_and_otherwise_all_are_told() {
        for (address, host) in [
            ("https://github.com/acme/ui", "GitHub"),
            ("https://github.acme.example/acme/ui", "GitHub"),
            ("https://gitlab.acme.example/acme/ui.git", "GitLab"),
            ("https://bitbucket.org/acme/ui", "Bitbucket Cloud"),
            ("https://bitbucket.acme.example/scm/acme/ui", "Bitbucket Data Center"),
            ("https://codeberg.org/acme/ui", "Forgejo"),
            ("https://gitea.acme.example/acme/ui", "Gitea"),
        ] {
            let told: Vec<String> = steps_for(address).into_iter().map(|steps| steps.host).collect();
            assert_eq!(told, [host], "{address}");
        }
        for address in ["https://git.acme.example/ui", "https://notgithub.com/ui", "/srv/git/ui"] {
            assert_eq!(steps_for(address).len(), Host::ALL.len(), "{address}");
        }
    }
}
