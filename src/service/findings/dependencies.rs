//! Registry dependencies: what the CLI would ask the wrong registry for, and
//! what nobody has.

use super::{Surroundings, about};
use crate::catalog::is_shadcn_name;
use model::{DependencyPolicy, Diagnostic, DiagnosticCode};
use source::{Item, Registry};
use std::collections::{HashMap, HashSet};
use url::Url;

/// What one written dependency leads to.
#[derive(Debug, PartialEq, Eq)]
enum Target<'a> {
    /// An item of this registry.
    Own(&'a str),
    /// An item of this registry that is held back.
    HeldBack,
    /// An item of another registry.
    Elsewhere,
    /// Nothing that anyone has.
    Nowhere,
}

struct Names<'a> {
    own: HashSet<&'a str>,
    held_back: HashSet<&'a str>,
    policy: DependencyPolicy,
}

impl Names<'_> {
    fn target<'d>(&self, dependency: &'d str) -> Target<'d> {
        if !is_bare(dependency) {
            Target::Elsewhere
        } else if self.own.contains(dependency) {
            let theirs = is_shadcn_name(dependency) && self.policy == DependencyPolicy::ShadcnFirst;
            if theirs || self.policy == DependencyPolicy::AsWritten {
                Target::Elsewhere
            } else {
                Target::Own(dependency)
            }
        } else if is_shadcn_name(dependency) {
            Target::Elsewhere
        } else if self.held_back.contains(dependency) {
            Target::HeldBack
        } else {
            Target::Nowhere
        }
    }
}

/// A name that the CLI would look for at ui.shadcn.com: no `@`, no URL, no
/// GitHub address (`specs/shadcn-protocol.md` 2.1).
fn is_bare(dependency: &str) -> bool {
    let github = dependency.split('/').count() >= 3;
    !dependency.starts_with('@')
        && !dependency.contains(':')
        && !dependency.to_ascii_lowercase().ends_with(".json")
        && !github
}

/// Findings about the dependencies of all items.
pub(super) fn find(registry: &Registry, surroundings: Surroundings<'_>) -> Vec<Diagnostic> {
    let names = Names {
        own: registry.items.iter().map(|item| item.name.as_str()).collect(),
        held_back: registry.quarantined.iter().filter_map(|item| item.written_name.as_deref()).collect(),
        policy: surroundings.policy,
    };
    let selves = OwnAddresses::of(registry.homepage.as_deref(), surroundings.address);
    let written: Vec<(&Item, Vec<String>)> =
        registry.items.iter().map(|item| (item, source::registry_dependencies(&item.manifest))).collect();
    let mut findings = Vec::new();
    for (item, dependencies) in &written {
        for (nth, dependency) in dependencies.iter().enumerate() {
            let finding = of_one(&names, dependency).or_else(|| {
                let own = selves.own_item(dependency).filter(|own| names.own.contains(own.as_str()))?;
                Some(own_address(dependency, &own))
            });
            findings
                .extend(finding.map(|finding| about(item, finding.at_field(format!("registryDependencies.{nth}")))));
        }
    }
    findings.extend(broken_closures(&names, &written));
    findings
}

/// What is odd about one bare name.
fn of_one(names: &Names<'_>, dependency: &str) -> Option<Diagnostic> {
    let ours = names.own.contains(dependency);
    match names.target(dependency) {
        Target::Elsewhere if ours && names.policy == DependencyPolicy::ShadcnFirst => Some(
            Diagnostic::warning(
                DiagnosticCode::BareOwnDependency,
                format!("{dependency:?} is an item here and at ui.shadcn.com; shadcn's is served"),
            )
            .fix("Set the repository's dependency policy to own-first if yours is meant"),
        ),
        Target::Elsewhere if ours => Some(
            Diagnostic::warning(
                DiagnosticCode::BareOwnDependency,
                format!("{dependency:?} is an item here, but by bare name the CLI asks ui.shadcn.com for it"),
            )
            .fix("Set the repository's dependency policy to own-first or shadcn-first, or write @<namespace>/<name>"),
        ),
        Target::HeldBack => Some(
            Diagnostic::warning(
                DiagnosticCode::UnresolvedDependency,
                format!(
                    "{dependency:?} is an item here that is held back; its last good version is served, if it has one"
                ),
            )
            .fix("Mend that item; its own finding says how"),
        ),
        Target::Nowhere => Some(
            Diagnostic::warning(
                DiagnosticCode::UnresolvedDependency,
                format!("{dependency:?} is neither an item here nor one of ui.shadcn.com"),
            )
            .fix("Correct the name, or write the address of the registry that has it"),
        ),
        Target::Own(_) | Target::Elsewhere => None,
    }
}

fn own_address(dependency: &str, own: &str) -> Diagnostic {
    Diagnostic::warning(
        DiagnosticCode::SelfAddress,
        format!("{dependency:?} is this registry's own {own:?} by its address elsewhere: whoever installs from here gets that one from there, without a token and in whatever version it has"),
    )
    .fix(format!("Write {own:?}; it is served as an address of this registry"))
}

/// The addresses under which a registry may name its own items.
struct OwnAddresses {
    /// The host of its home page, lower case.
    host: Option<String>,
    /// `owner/name` of its repository, lower case.
    repository: Option<String>,
}

impl OwnAddresses {
    fn of(homepage: Option<&str>, address: Option<&str>) -> Self {
        let host = |text: &str| Some(Url::parse(text).ok()?.host_str()?.to_ascii_lowercase());
        let repository = |text: &str| {
            let url = Url::parse(text).ok()?;
            let path = url.path().trim_matches('/').to_ascii_lowercase();
            Some(path.strip_suffix(".git").unwrap_or(&path).to_owned()).filter(|path| path.split('/').count() == 2)
        };
        Self {
            // What generators write into a fresh registry.json is nobody's.
            host: homepage.and_then(host).filter(|host| host != "ui.shadcn.com" && host != "localhost"),
            repository: address.and_then(repository),
        }
    }

    /// The own item that this address would be.
    fn own_item(&self, dependency: &str) -> Option<String> {
        if dependency.starts_with("http://") || dependency.starts_with("https://") {
            let url = Url::parse(dependency).ok()?;
            let same = url.host_str().map(str::to_ascii_lowercase) == self.host && self.host.is_some();
            let file = url.path_segments()?.next_back()?;
            return same.then(|| file.strip_suffix(".json").unwrap_or(file).to_owned());
        }
        let plain = dependency.split('#').next()?;
        let (owner_and_name, item) = plain.match_indices('/').nth(1).map(|(at, _)| plain.split_at(at))?;
        let same = self.repository.as_deref() == Some(owner_and_name.to_ascii_lowercase().as_str());
        same.then(|| item[1..].to_owned())
    }
}

/// How many links of a chain of dependencies are told.
const SHOWN_LINKS: usize = 6;

/// Items that need, through own items, something that nobody has.
fn broken_closures(names: &Names<'_>, written: &[(&Item, Vec<String>)]) -> Vec<Diagnostic> {
    let by_name: HashMap<&str, &[String]> =
        written.iter().map(|(item, dependencies)| (item.name.as_str(), dependencies.as_slice())).collect();
    let lacks: HashMap<&str, &str> = by_name
        .iter()
        .filter_map(|(name, dependencies)| {
            let missing = dependencies.iter().find(|dependency| names.target(dependency) == Target::Nowhere)?;
            Some((*name, missing.as_str()))
        })
        .collect();
    if lacks.is_empty() {
        return Vec::new();
    }
    // From what lacks something, upwards to everything that needs it.
    let mut needed_by: HashMap<&str, Vec<&str>> = HashMap::new();
    for (name, dependencies) in &by_name {
        for dependency in *dependencies {
            if let Target::Own(own) = names.target(dependency) {
                needed_by.entry(own).or_default().push(name);
            }
        }
    }
    let mut via: HashMap<&str, &str> = HashMap::new();
    let mut next: Vec<&str> = lacks.keys().copied().collect();
    next.sort_unstable();
    while let Some(name) = next.pop() {
        for &dependent in needed_by.get(name).into_iter().flatten() {
            if !lacks.contains_key(dependent) && !via.contains_key(dependent) {
                via.insert(dependent, name);
                next.push(dependent);
            }
        }
    }
    let mut findings = Vec::new();
    for (item, _) in written {
        let Some(&first) = via.get(item.name.as_str()) else { continue };
        let mut chain = vec![first];
        while let Some(next) = chain.last().and_then(|last| via.get(last)) {
            chain.push(next);
        }
        let missing = chain.last().and_then(|last| lacks.get(last)).expect("a chain ends at what lacks something");
        // Of a long one its ends say enough; all of it for every item would be its square.
        if chain.len() > SHOWN_LINKS {
            let last = chain[chain.len() - 1];
            chain.truncate(SHOWN_LINKS - 2);
            chain.extend(["…", last]);
        }
        findings.push(about(
            item,
            Diagnostic::warning(
                DiagnosticCode::UnresolvedDependency,
                format!(
                    "it cannot be installed: it needs {}, and that needs {missing:?}, which nobody has",
                    chain.join(", that needs ")
                ),
            )
            .at_field("registryDependencies")
            .fix("Mend the last of them; its own finding says how"),
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_the_cli_takes_to_shadcn_are_bare() {
        for name in ["button", "team/button"] {
            assert!(is_bare(name), "{name}");
        }
        for address in ["@acme/button", "https://example.com/r/button.json", "owner/repo/item", "./x.json"] {
            assert!(!is_bare(address), "{address}");
        }
    }

    #[test]
    fn an_address_of_the_registry_itself_is_recognised() {
        let selves = OwnAddresses::of(Some("https://Acme.example/ui"), Some("https://github.com/Acme/ui.git"));
        for (address, own) in [
            ("https://acme.example/r/button.json", Some("button")),
            ("https://acme.example/r/button", Some("button")),
            ("acme/ui/button", Some("button")),
            ("acme/ui/forms/input#main", Some("forms/input")),
            ("https://other.example/r/button.json", None),
            ("acme/other/button", None),
            ("button", None),
            ("@acme/button", None),
        ] {
            assert_eq!(selves.own_item(address).as_deref(), own, "{address}");
        }
        assert_eq!(OwnAddresses::of(None, None).own_item("https://acme.example/r/button.json"), None);
    }
}
