//! A cache that many people share stands before the server. What one of them may
//! read, no other gets from it.

use crate::support::{Answer, Database, Deployment, Host, item};
use clerk::InstanceKind;

const ACME: &str = "org_acme";
const BETA: &str = "org_beta";
/// Its registry is public.
const OPEN: &str = "org_open";

/// How a cache does its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    /// As RFC 9111 says.
    ByTheRules,
    /// It keeps whatever it gets for ever, `private` or not, and heeds `Vary` alone:
    /// what some are set up to do.
    KeepsEverything,
}

/// A request of somebody: a path, and what they send along.
#[derive(Debug, Clone)]
struct Asked {
    path: String,
    headers: Vec<(&'static str, String)>,
}

impl Asked {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.as_str())
    }

    fn send(&self, deployment: &Deployment, method: &str) -> Answer {
        let asking = deployment.ask(method, &self.path);
        self.headers.iter().fold(asking, |asking, (name, value)| asking.with(name, value)).send()
    }

    fn with(&self, name: &'static str, value: &str) -> Self {
        let mut more = self.clone();
        more.headers.push((name, value.to_owned()));
        more
    }
}

/// The cache: what was asked, and the answer.
struct SharedCache<'a> {
    deployment: &'a Deployment,
    habit: Habit,
    kept: Vec<(Asked, Answer)>,
}

impl SharedCache<'_> {
    /// What somebody gets who asks through the cache.
    fn get(&mut self, asked: &Asked) -> (u16, String) {
        let place = self.kept.iter().position(|(before, answer)| {
            let lines = answer.headers.get_all("vary").iter().map(|line| line.to_str().expect("ASCII"));
            let mut names = lines.flat_map(|line| line.split(',')).map(str::trim);
            before.path == asked.path && names.all(|name| name != "*" && before.header(name) == asked.header(name))
        });
        let Some(place) = place else { return self.fetch(asked) };
        let (_, answer) = &self.kept[place];
        if self.habit == Habit::ByTheRules && !answer.header("cache-control").contains("max-age") {
            let again = asked.with("if-none-match", answer.header("etag")).send(self.deployment, "GET");
            if again.status != 304 {
                self.kept.remove(place);
                return self.keep(asked, again);
            }
        }
        let (_, answer) = &self.kept[place];
        (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
    }

    fn fetch(&mut self, asked: &Asked) -> (u16, String) {
        let answer = asked.send(self.deployment, "GET");
        self.keep(asked, answer)
    }

    fn keep(&mut self, asked: &Asked, answer: Answer) -> (u16, String) {
        let told = (answer.status, String::from_utf8_lossy(&answer.body).into_owned());
        let policy = answer.header("cache-control");
        let may = match self.habit {
            Habit::KeepsEverything => true,
            Habit::ByTheRules => {
                let is_for_all = policy.contains("public") || asked.header("authorization").is_empty();
                !policy.is_empty() && !policy.contains("private") && !policy.contains("no-store") && is_for_all
            }
        };
        if may {
            self.kept.push((asked.clone(), answer));
        }
        told
    }
}

/// Organisations with a component of the same name, and a component each of their own.
fn settle() -> (Deployment, [Database; 3], Host, [String; 3]) {
    let host = Host::start();
    for name in ["acme", "beta", "open"] {
        let repository = host.repository(name, &[item("card"), item(&format!("{name}-only"))]);
        repository
            .write("ui/card.tsx", format!("export const whose = \"marker-of-{name}\"\n"))
            .commit(&format!("marker-of-{name}"));
    }
    let deployment = Deployment::start(InstanceKind::Production);
    let databases = [
        deployment.organisation(ACME, "marker-of-acme"),
        deployment.organisation(BETA, "marker-of-beta"),
        deployment.organisation(OPEN, "marker-of-open"),
    ];
    deployment.clerk.user("user_ann", "Ann", &[(ACME, "org:admin")]).user("user_bea", "Bea", &[(BETA, "org:admin")]);
    let repositories = [(ACME, "acme"), (BETA, "beta"), (OPEN, "open")];
    let repositories = repositories.map(|(id, name)| deployment.add_and_sync(id, &host.url(name)));
    deployment.cli_in(OPEN, ["settings", "--public", "on"]).ok();
    (deployment, databases, host, repositories)
}

/// Every kind of address that tells something of an organisation.
fn paths(repositories: &[String]) -> Vec<String> {
    let fixed = [
        "/r/card.json",
        "/r/card",
        "/card.json",
        "/r/card.json?ns=@x",
        "/r/acme-only.json",
        "/r/beta-only.json",
        "/r/registry.json",
        "/r/registry.json?q=only",
        "/r/registries.json",
        "/r/init.json",
        "/r/nothing.json",
        "/o/org_acme/r/card.json",
        "/o/org_beta/r/card.json",
        "/o/org_beta/r/registry.json",
        "/o/org_open/r/card.json",
        "/o/org_open/r/registry.json",
        "/o/org_open/r/init.json",
        "/api/internal/registry",
        "/api/internal/components?q=card",
        "/api/internal/components/card",
        "/api/internal/commits/card",
        "/api/internal/audit",
        "/api/internal/tokens",
        "/registry",
        "/components",
        "/components/card",
        "/settings",
        "/settings/audit",
        "/organisations",
        "/nothing",
    ];
    let of_each = repositories.iter().flat_map(|id| {
        [
            format!("/registry/{id}"),
            format!("/api/internal/registry/{id}"),
            format!("/api/internal/registry/{id}/commits"),
        ]
    });
    fixed.into_iter().map(str::to_owned).chain(of_each).collect()
}

/// Whoever asks, and the markers that they may see.
fn people(deployment: &Deployment, tokens: &[String; 2], path: &str) -> Vec<(Asked, Option<&'static str>)> {
    let asked = |headers: Vec<(&'static str, String)>| {
        let accept = ("accept", if path.contains("/r/") { "application/json" } else { "text/html" }.to_owned());
        Asked { path: path.to_owned(), headers: headers.into_iter().chain([accept]).collect() }
    };
    // A session token is good for a minute, so each path gets fresh ones.
    let session = |user, organisation| vec![("cookie", deployment.visitor(user, Some(organisation)).cookies())];
    let token = |nth: usize| vec![("authorization", format!("Bearer {}", tokens[nth]))];
    vec![
        (asked(token(0)), Some("acme")),
        (asked(token(1)), Some("beta")),
        (asked(session("user_ann", ACME)), Some("acme")),
        (asked(session("user_bea", BETA)), Some("beta")),
        (asked(vec![]), None),
    ]
}

#[test]
fn nobody_gets_what_is_anothers_out_of_a_cache_that_they_share() {
    let (deployment, _databases, _host, repositories) = settle();
    let tokens = [ACME, BETA].map(|id| deployment.token(id, "admin"));
    let mut seen = 0;
    for habit in [Habit::ByTheRules, Habit::KeepsEverything] {
        for path in paths(&repositories) {
            let mut cache = SharedCache { deployment: &deployment, habit, kept: Vec::new() };
            let people = people(&deployment, &tokens, &path);
            // Each finds what those before have left, whoever comes first.
            for (asked, may_see) in people.iter().chain(people.iter().rev()) {
                let (status, body) = cache.get(asked);
                for whose in ["acme", "beta", "open"] {
                    let is_there =
                        body.contains(&format!("marker-of-{whose}")) || body.contains(&format!("\"{whose}-only\""));
                    let may = if whose == "open" {
                        may_see.is_none() && path.starts_with("/o/org_open/")
                    } else {
                        *may_see == Some(whose)
                    };
                    assert!(!is_there || may, "{habit:?} {asked:?} gets what is {whose}'s");
                    seen += usize::from(is_there);
                }
                match path.as_str() {
                    "/r/card.json" => {
                        assert_eq!(status, if may_see.is_some() { 200 } else { 401 }, "{habit:?} {asked:?}");
                    }
                    // A proof is of another organisation than the one that is named.
                    "/o/org_open/r/card.json" => {
                        assert_eq!(status, if may_see.is_some() { 404 } else { 200 }, "{habit:?} {asked:?}");
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(seen > 100, "markers are seen by those who may: {seen}");
}

#[test]
fn what_a_head_tells_is_what_a_get_tells_and_a_part_is_never_taken_for_the_whole() {
    let (deployment, _databases, _host, _) = settle();
    let token = deployment.token(ACME, "admin");
    for path in
        ["/r/card.json", "/r/registry.json", "/r/registries.json", "/r/init.json", "/r/nothing.json", "/registry"]
    {
        let asked = Asked { path: path.to_owned(), headers: vec![("authorization", format!("Bearer {token}"))] };
        let (get, head) = (asked.send(&deployment, "GET"), asked.send(&deployment, "HEAD"));
        assert_eq!(get.status, head.status, "{path}");
        assert!(head.body.is_empty(), "{path}");
        for name in ["etag", "cache-control", "vary", "content-type"] {
            assert_eq!(get.header(name), head.header(name), "{name} of {path}");
        }
        let part = asked.with("range", "bytes=0-3").send(&deployment, "GET");
        assert_eq!((part.status, part.body.len()), (get.status, get.body.len()), "{path}");
    }
}
