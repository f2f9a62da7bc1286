//! Where a file or a commit is shown at the git host.

use model::CommitSha;

/// How a host writes the addresses of its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pages {
    GitHub,
    GitLab,
    Gitea,
    Bitbucket,
}

/// The kind of host of a repository's address, by the names that they are
/// commonly given. Bitbucket's own servers write addresses in another way.
fn pages_of(url: &str) -> Option<(Pages, &str)> {
    let address = url.strip_prefix("https://")?;
    let host = address.split(['/', ':']).next()?;
    let pages = match host {
        "bitbucket.org" => Pages::Bitbucket,
        "codeberg.org" => Pages::Gitea,
        _ => match host.split('.').next()? {
            "github" => Pages::GitHub,
            "gitlab" => Pages::GitLab,
            "gitea" | "forgejo" => Pages::Gitea,
            _ => return None,
        },
    };
    Some((pages, url.trim_end_matches('/').trim_end_matches(".git")))
}

/// A path as part of an address.
fn encoded(path: &str) -> String {
    path.split('/').map(part_encoded).collect::<Vec<_>>().join("/")
}

fn part_encoded(part: &str) -> String {
    url::form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The page of a file at a commit, where the host is known.
pub fn file_href(url: &str, commit: &CommitSha, path: &str) -> Option<String> {
    let (pages, base) = pages_of(url)?;
    let path = encoded(path.trim_start_matches('/'));
    Some(match pages {
        Pages::GitHub => format!("{base}/blob/{commit}/{path}"),
        Pages::GitLab => format!("{base}/-/blob/{commit}/{path}"),
        Pages::Gitea => format!("{base}/src/commit/{commit}/{path}"),
        Pages::Bitbucket => format!("{base}/src/{commit}/{path}"),
    })
}

/// The page of a commit, where the host is known.
pub fn commit_href(url: &str, commit: &CommitSha) -> Option<String> {
    let (pages, base) = pages_of(url)?;
    Some(match pages {
        Pages::GitHub | Pages::Gitea => format!("{base}/commit/{commit}"),
        Pages::GitLab => format!("{base}/-/commit/{commit}"),
        Pages::Bitbucket => format!("{base}/commits/{commit}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_at_known_hosts_and_nowhere_else() {
        let sha: CommitSha = "0123456789abcdef0123456789abcdef01234567".parse().unwrap();
        let file = |url: &str| file_href(url, &sha, "ui/a b#1.tsx");
        let expected = |text: &str| Some(text.replace("SHA", sha.as_str()));
        assert_eq!(
            file("https://github.com/acme/ui.git"),
            expected("https://github.com/acme/ui/blob/SHA/ui/a%20b%231.tsx")
        );
        assert_eq!(
            file("https://gitlab.acme.dev/a/b/ui"),
            expected("https://gitlab.acme.dev/a/b/ui/-/blob/SHA/ui/a%20b%231.tsx")
        );
        assert_eq!(
            file("https://codeberg.org/acme/ui"),
            expected("https://codeberg.org/acme/ui/src/commit/SHA/ui/a%20b%231.tsx")
        );
        assert_eq!(
            file("https://bitbucket.org/acme/ui"),
            expected("https://bitbucket.org/acme/ui/src/SHA/ui/a%20b%231.tsx")
        );
        for unknown in ["https://example.com/acme/ui", "/srv/github.com/ui", "http://github.com/acme/ui"] {
            assert_eq!(file(unknown), None, "{unknown}");
            assert_eq!(commit_href(unknown, &sha), None, "{unknown}");
        }
        assert_eq!(commit_href("https://github.com/acme/ui", &sha), expected("https://github.com/acme/ui/commit/SHA"));
    }
}
