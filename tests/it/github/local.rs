//! Local mode, where the operator has the token.

use super::CANARY;
use crate::support::{Github, Offline, is_about_local_mode, item};
use serde_json::json;

#[test]
fn in_local_mode_the_configured_token_reads_private_repositories() {
    if is_about_local_mode("with Clerk each organisation has a token of its own, and a configured one is refused") {
        return;
    }
    let github = Github::start();
    github.private("acme/ui", &[item("acme-button")]).commit("More");
    github.token(CANARY, &["acme/ui"]).lists(&["acme/ui".to_owned()]);
    let settings = github.settings();
    let mut home = Offline::new();
    home.set(&settings);
    // Without one there is nothing to choose from, and nothing about GitHub.
    let registry = home.serve();
    let status = registry.as_admin("GET", "/api/internal/github").send().expect(200).json();
    assert_eq!((&status["status"], status.get("connectUrl")), (&"not_connected".into(), None));
    assert!(!registry.as_admin("GET", "/registry/new").send().expect(200).text().contains("Choose from GitHub"));
    registry.add(&github.url("acme/ui"));
    assert!(registry.failing_sync("ui").contains("asks for a sign-in"));

    let mut home = registry.stop();
    home.set(&[("EKAIROS_GITHUB_TOKEN", CANARY.to_owned())]);
    let registry = home.serve();
    registry.sync("ui");
    registry.get("/r/acme-button.json").expect(200);
    let page = registry.as_admin("GET", "/registry/new").send().expect(200).text().to_owned();
    assert!(page.contains("Choose from GitHub") && page.contains("See acme/ui"), "{page}");
    github.revoke(CANARY);
    assert!(registry.failing_sync("ui").contains("the token of the configuration"));
    let config = registry.cli(["config"]).ok().out;
    assert!(config.contains("github.token") && !config.contains(CANARY), "{config}");
    // A repository's own token comes first.
    github.token("gho_own", &["acme/ui"]);
    let id =
        registry.as_admin("GET", "/api/internal/registry").send().json()[0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/internal/registry/{id}/credential");
    registry.as_admin("PUT", &path).json(&json!({ "token": "gho_own" })).send().expect(204);
    registry.sync("ui");
    assert!(!registry.log().contains(CANARY));
}

#[test]
fn a_configuration_that_would_give_tokens_away_is_refused() {
    let offline = Offline::new();
    let refused = |settings: &[(&str, &str)]| {
        let mut command = offline.command(["config"]);
        crate::support::Ran::of({
            command.envs(settings.iter().copied());
            command
        })
        .refused()
    };
    let clear = refused(&[("EKAIROS_GITHUB_URL", "http://github.example.com")]);
    assert!(clear.contains("in the clear"), "{clear}");
    let odd = refused(&[("EKAIROS_GITHUB_TOKEN", "gho canary")]);
    assert!(odd.contains("github.token") && !odd.contains("canary"), "{odd}");
    let path = refused(&[("EKAIROS_GITHUB_URL", "https://github.com/acme")]);
    assert!(path.contains("without a path"), "{path}");
    let shared = refused(&[
        ("EKAIROS_GITHUB_TOKEN", CANARY),
        ("EKAIROS_PUBLIC_URL", "https://registry.example.com"),
        ("CLERK_PUBLISHABLE_KEY", "pk_test_aGFwcHktb3R0ZXItNDIuY2xlcmsuYWNjb3VudHMuZGV2JA"),
        ("CLERK_SECRET_KEY", "sk_test_0123456789"),
    ]);
    assert!(shared.contains("github.token") && !shared.contains(CANARY), "{shared}");
}
