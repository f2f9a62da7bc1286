//! What is one organisation's is nobody else's.

use super::{ACME, BETA, Neighbours};
use crate::support::{Answer, push_of};
use clerk::InstanceKind;

#[test]
fn two_organisations_never_see_each_others_components() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let people = [("user_ann", ACME), ("user_bea", BETA)].map(|(user, id)| deployment.visitor(user, Some(id)));
    let tokens = [ACME, BETA].map(|id| deployment.token(id, "admin"));
    let mut tags = Vec::new();
    for (nth, (own, other)) in [("acme", "beta"), ("beta", "acme")].into_iter().enumerate() {
        let (person, token, id) = (&people[nth], &tokens[nth], [ACME, BETA][nth]);
        // Both ways of proving it, both addresses of an item.
        for path in ["/r/card.json".to_owned(), format!("/o/{id}/r/card.json"), "/card.json".to_owned()] {
            let by_token = deployment.ask("GET", &path).token(token).send().expect(200);
            let by_session = person.ask("GET", &path).send().expect(200);
            assert_eq!(by_token.content(), format!("export const whose = \"{own}\"\n"), "{path}");
            assert_eq!(by_session.body, by_token.body);
            tags.push((nth, by_token.header("etag").to_owned()));
        }
        let listing = deployment.ask("GET", "/r/registry.json").token(token).send().expect(200).text().to_owned();
        let found = person.ask("GET", "/api/internal/components?q=only").send().expect(200).text().to_owned();
        let rows = person.ask("GET", "/api/internal/registry").send().expect(200).text().to_owned();
        let search = person.open("/components?q=only").expect(200).text().to_owned();
        for text in [&listing, &found, &search] {
            assert!(text.contains(&format!("{own}-only")) && !text.contains(&format!("{other}-only")), "{text}");
        }
        assert!(rows.contains(&neighbours.host.url(own)) && !rows.contains(&neighbours.host.url(other)), "{rows}");
    }
    // A tag of the one is none of the other's.
    for (whose, tag) in &tags {
        for (nth, token) in tokens.iter().enumerate() {
            let answer = deployment.ask("GET", "/r/card.json").token(token).with("if-none-match", tag).send();
            assert_eq!(answer.status, if nth == *whose { 304 } else { 200 });
        }
    }
}

#[test]
fn whatever_is_named_of_another_organisation_is_not_there() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let [_, theirs] = &neighbours.repositories;
    let ann = deployment.visitor("user_ann", Some(ACME));
    let token = deployment.token(ACME, "admin");
    let commit = {
        let bea = deployment.visitor("user_bea", Some(BETA));
        let commits = bea.ask("GET", &format!("/api/internal/registry/{theirs}/commits")).send().expect(200).json();
        commits["rows"][0]["sha"].as_str().unwrap_or_else(|| panic!("{commits}")).to_owned()
    };
    let nobodys = "00000000-0000-4000-8000-000000000000";
    // The same answer as for what nobody has, but for the name in it.
    let alike = |method: &str, path: &str| {
        let send = |path: &str, by_token: bool| -> Answer {
            let asking = if by_token { deployment.ask(method, path).token(&token) } else { ann.ask(method, path) };
            match method {
                "GET" | "DELETE" => asking.send(),
                _ => asking.text("application/json", "{}").send(),
            }
        };
        for by_token in [true, false] {
            let (real, made_up) = (send(path, by_token), send(&path.replace(theirs, nobodys), by_token));
            assert_eq!(real.status, made_up.status, "{method} {path}: {}", real.text());
            assert!(matches!(real.status, 404 | 422), "{method} {path}: {} {}", real.status, real.text());
            assert_eq!(real.text().replace(theirs, nobodys), made_up.text(), "{method} {path}");
        }
    };
    for path in ["", "/events", "/hook", "/commits", "/refs", "/compare", &format!("/commits/{commit}")] {
        alike("GET", &format!("/api/internal/registry/{theirs}{path}"));
    }
    alike("POST", &format!("/api/internal/registry/{theirs}/sync"));
    alike("DELETE", &format!("/api/internal/registry/{theirs}"));
    alike("POST", &format!("/api/internal/registry/{theirs}/hook"));
    let page = ann.open(&format!("/registry/{theirs}")).expect(404);
    assert!(!page.text().contains(&neighbours.host.url("beta")), "{}", page.text());

    // Another organisation that is there is answered like one that is not.
    let item = |organisation: &str| {
        let path = format!("/o/{organisation}/r/card.json");
        deployment.ask("GET", &path).token(&token).send().expect(404)
    };
    item(BETA).plain_error();
    assert_eq!(item(BETA).body, item("org_nobody").body);
    let item = |organisation: &str| {
        let asking = deployment.ask("GET", "/r/card.json").token(&token);
        asking.with("x-registry-org-id", organisation).send().expect(404)
    };
    assert_eq!(item(BETA).body, item("org_nobody").body);
    for header in [BETA, "org_nobody", ""] {
        assert_eq!(
            ann.ask("GET", "/api/internal/registry").with("x-registry-org-id", header).send().status,
            404,
            "{header:?}"
        );
    }
    assert_eq!(ann.ask("GET", &format!("/o/{BETA}/r/card.json")).send().status, 404);

    // A token whose organisation was changed, and its checksum with it, opens nothing and tells nothing.
    let forged = [BETA, "org_nobody"].map(|id| {
        let (body, _) = token.rsplit_once('_').expect("a checksum");
        let body = body.replace(ACME, id);
        let forged = format!("{body}_{:08x}", crc32fast::hash(body.as_bytes()));
        deployment.ask("GET", "/r/card.json").token(&forged).send().expect(401)
    });
    assert_eq!(forged[0].body, forged[1].body);
    assert_eq!(deployment.ask("GET", "/r/card.json").send().status, 401);
}

#[test]
fn a_change_in_one_organisation_is_seen_and_synced_in_that_one_alone() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let syncs = |nth: usize| {
        let rows = neighbours.databases[nth].rows("registry_syncs");
        (rows.len(), neighbours.databases[nth].rows("registry_components").len())
    };
    let before = syncs(1);
    // Both organisations may have the same repository, each with a webhook of its own.
    let shared = neighbours.host.url("acme");
    let added = deployment.cli_in(BETA, ["repo", "add", &shared, "--name", "also-acme", "--json"]).ok().json();
    let hooks = [(ACME, "acme"), (BETA, "also-acme")].map(|(id, name)| {
        let hook = deployment.cli_in(id, ["repo", "hook", name, "--json"]).ok().json();
        let text = |field: &str| hook[field].as_str().expect("a text").to_owned();
        (text("address"), text("secret"))
    });
    assert_ne!(hooks[0], hooks[1]);
    let deliver = |address: &str, secret: &str, id: &str| {
        let body = push_of(&"0".repeat(40), &"1".repeat(40));
        let secret: webhook::HookSecret = secret.parse().expect("a secret");
        let signature = webhook::sign::prefixed(&secret, body.as_bytes());
        let path = address.strip_prefix(&deployment.url).expect("an address of its own");
        let asking = deployment.ask("POST", path).with("x-github-event", "push").with("x-github-delivery", id);
        asking.with("x-hub-signature-256", &signature).text("application/json", &body).send().status
    };
    // The secret of the one opens nothing at the other's.
    assert_eq!(deliver(&hooks[0].0, &hooks[1].1, "one"), 401);
    assert_eq!(deliver(&hooks[1].0, &hooks[0].1, "two"), 401);
    assert!((200..300).contains(&deliver(&hooks[0].0, &hooks[0].1, "three")));
    // A repository has the same id wherever it is registered: each sees its own deliveries.
    let id = added["id"].as_str().expect("an id");
    assert_eq!(id, neighbours.repositories[0]);
    let ids = |user: &str, organisation: &str| {
        let path = format!("/api/internal/registry/{id}/hook/deliveries");
        let listed = deployment.visitor(user, Some(organisation)).ask("GET", &path).send().expect(200).json();
        listed.as_array().expect("a list").len()
    };
    assert_eq!((ids("user_ann", ACME), ids("user_bea", BETA)), (2, 1));
    assert_eq!(syncs(1), before, "nothing was synced in the other one");
}
