//! Where files and commits stand on the sites of known git hosts.

use super::format::encoded_path;
use model::CommitSha;
use url::Url;

/// How a host's site names what it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Site {
    Github,
    Gitlab,
    Bitbucket,
    Gitea,
}

/// The host of a repository's canonical address, if its site is a known one. A
/// host of one's own is known where its name says what runs there; Bitbucket's
/// own servers write addresses in another way.
fn site(url: &str) -> Option<(Site, String)> {
    let url = Url::parse(url).ok().filter(|url| url.scheme() == "https")?;
    let host = url.host_str()?;
    let site = match host {
        "bitbucket.org" => Site::Bitbucket,
        "codeberg.org" => Site::Gitea,
        _ => match host.split('.').next()? {
            "github" => Site::Github,
            "gitlab" => Site::Gitlab,
            "gitea" | "forgejo" => Site::Gitea,
            _ => return None,
        },
    };
    let path = url.path().trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    (path.contains('/')).then(|| (site, format!("https://{host}{port}/{path}")))
}

/// The page of a file as it was at a commit.
pub fn file_href(url: &str, commit: &CommitSha, path: &str) -> Option<String> {
    let (site, base) = site(url)?;
    let path = encoded_path(path);
    Some(match site {
        Site::Github => format!("{base}/blob/{commit}/{path}"),
        Site::Gitlab => format!("{base}/-/blob/{commit}/{path}"),
        Site::Bitbucket => format!("{base}/src/{commit}/{path}"),
        Site::Gitea => format!("{base}/src/commit/{commit}/{path}"),
    })
}

/// The page of a commit.
pub fn commit_href(url: &str, commit: &CommitSha) -> Option<String> {
    let (site, base) = site(url)?;
    Some(match site {
        Site::Github | Site::Gitea => format!("{base}/commit/{commit}"),
        Site::Gitlab => format!("{base}/-/commit/{commit}"),
        Site::Bitbucket => format!("{base}/commits/{commit}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_hosts_show_a_file_at_a_commit() {
        let commit: CommitSha = "0123456789012345678901234567890123456789".parse().unwrap();
        let file = |url: &str| file_href(url, &commit, "ui/a b.tsx").map(|href| href.replace(commit.as_str(), "C"));
        for (url, expected) in [
            ("https://github.com/acme/ui.git", "https://github.com/acme/ui/blob/C/ui/a%20b.tsx"),
            ("https://gitlab.com/acme/web/ui", "https://gitlab.com/acme/web/ui/-/blob/C/ui/a%20b.tsx"),
            (
                "https://gitlab.acme.example:8443/acme/ui",
                "https://gitlab.acme.example:8443/acme/ui/-/blob/C/ui/a%20b.tsx",
            ),
            ("https://github.acme.example/acme/ui", "https://github.acme.example/acme/ui/blob/C/ui/a%20b.tsx"),
            ("https://bitbucket.org/acme/ui", "https://bitbucket.org/acme/ui/src/C/ui/a%20b.tsx"),
            ("https://codeberg.org/acme/ui", "https://codeberg.org/acme/ui/src/commit/C/ui/a%20b.tsx"),
            ("https://gitea.acme.example/acme/ui", "https://gitea.acme.example/acme/ui/src/commit/C/ui/a%20b.tsx"),
        ] {
            assert_eq!(file(url).as_deref(), Some(expected));
        }
        for url in ["/srv/git/ui", "https://git.acme.example/ui", "https://notgithub.com/a/b", "http://github.com/a/b"]
        {
            assert_eq!(file(url), None, "{url}");
        }
        assert!(commit_href("https://gitlab.com/a/b", &commit).unwrap().contains("/-/commit/0123"));
    }
}
