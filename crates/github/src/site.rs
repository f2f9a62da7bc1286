//! Which GitHub is meant: github.com, or a GitHub Enterprise Server.

use crate::FullName;
use url::Url;

/// A GitHub: where people and git reach it, and where its API is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    web: Url,
    api: Url,
}

/// Addresses that are no GitHub's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSite {
    /// Of the site itself.
    #[error("must be an address without a path, such as https://github.com")]
    Web,
    /// Of its API.
    #[error("must be an address such as https://api.github.com, or https://github.example.com/api/v3")]
    Api,
}

impl Default for Site {
    fn default() -> Self {
        Self::parse("https://github.com", None).expect("GitHub's address is one")
    }
}

fn address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    (matches!(url.scheme(), "http" | "https") && plain && url.fragment().is_none()).then_some(url)
}

impl Site {
    /// A GitHub at this address. Unless it is said where its API is, that is
    /// where github.com, or a GitHub Enterprise Server, has it.
    pub fn parse(web: &str, api: Option<&str>) -> Result<Self, InvalidSite> {
        let web = address(web).filter(|url| url.path() == "/").ok_or(InvalidSite::Web)?;
        let known = match web.host_str() {
            Some("github.com") => "https://api.github.com".to_owned(),
            _ => format!("{}api/v3", web.as_str()),
        };
        let api = address(api.unwrap_or(&known)).ok_or(InvalidSite::Api)?;
        Ok(Self { web, api })
    }

    /// Where people and git reach it.
    pub fn web(&self) -> &Url {
        &self.web
    }

    /// Where its API is.
    pub fn api(&self) -> &Url {
        &self.api
    }

    /// Whether an address is of this site: what may be sent its token.
    pub fn has(&self, url: &Url) -> bool {
        url.origin() == self.web.origin()
    }

    /// Where a repository is cloned from.
    pub fn clone_url(&self, name: &FullName) -> Url {
        let mut url = self.web.clone();
        url.set_path(name.as_str());
        url
    }

    /// The repository that is cloned from an address.
    pub fn name_of(&self, url: &Url) -> Option<FullName> {
        let path = url.path().trim_matches('/');
        self.has(url).then(|| path.strip_suffix(".git").unwrap_or(path).parse().ok())?
    }

    /// An address below the API.
    pub(crate) fn below(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.api.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// A page of this site, over https, where someone signs on. Others are not
    /// handed to people as a link.
    pub(crate) fn own_page(&self, text: &str) -> Option<Url> {
        let url = address_of_page(text)?;
        (url.scheme() == "https" && url.host() == self.web.host()).then_some(url)
    }
}

fn address_of_page(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    (url.username().is_empty() && url.password().is_none() && text.len() <= 2048).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_api_is_where_such_a_site_has_it_unless_said_otherwise() {
        let api = |web, api| Site::parse(web, api).map(|site| site.api().to_string());
        assert_eq!(api("https://github.com", None).unwrap(), "https://api.github.com/");
        assert_eq!(api("https://git.acme.example/", None).unwrap(), "https://git.acme.example/api/v3");
        assert_eq!(api("https://github.com", Some("http://127.0.0.1:1/api")).unwrap(), "http://127.0.0.1:1/api");
        for odd in ["github.com", "ftp://github.com", "https://a@github.com", "https://github.com/x", "https://g.com?x"]
        {
            assert_eq!(api(odd, None), Err(InvalidSite::Web), "{odd}");
        }
        assert_eq!(api("https://github.com", Some("x")), Err(InvalidSite::Api));
        let site = Site::parse("https://git.acme.example", None).unwrap();
        let below = site.below(&["user", "repos"], &[("page", "2")]);
        assert_eq!(below.as_str(), "https://git.acme.example/api/v3/user/repos?page=2");
    }

    #[test]
    fn an_address_is_of_the_site_only_with_its_scheme_host_and_port() {
        let site = Site::default();
        let name = |text: &str| site.name_of(&Url::parse(text).unwrap()).map(|name| name.to_string());
        assert_eq!(name("https://github.com/acme/ui.git").as_deref(), Some("acme/ui"));
        assert_eq!(name("https://github.com/acme/ui").as_deref(), Some("acme/ui"));
        for other in
            ["http://github.com/acme/ui", "https://github.com:8443/acme/ui", "https://github.com.evil.example/acme/ui"]
        {
            assert_eq!(name(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_page_to_sign_on_at_is_always_of_the_site_and_over_https(
            text in "https?://[a-z@.:/]{0,12}github\\.com[a-z@.:/?=#-]{0,16}|\\PC{0,40}"
        ) {
            if let Some(url) = Site::default().own_page(&text) {
                prop_assert_eq!((url.scheme(), url.host_str()), ("https", Some("github.com")));
                prop_assert!(url.username().is_empty());
            }
        }
    }
}
