//! Whoever runs the registry: the command line, and what the configuration refuses.

use super::{ACME, BETA, Neighbours};
use crate::support::{Deployment, Host, Offline, Ran, item};
use clerk::{InstanceKind, testing::FakeClerk};

#[test]
fn commands_say_which_organisation_they_are_for_with_a_server_and_without() {
    let mut neighbours = Neighbours::settle(InstanceKind::Production);
    for running in [true, false] {
        if !running {
            neighbours.deployment.end();
        }
        let deployment = &neighbours.deployment;
        let message = deployment.cli(["repo", "list"]).refused();
        assert!(message.contains("--org") && message.contains("org_2abc"), "{message}");
        for (id, own, other) in [(ACME, "acme", "beta"), (BETA, "beta", "acme")] {
            let flag = deployment.cli(["repo", "list", "--org", id, "--json"]).ok();
            let variable = deployment.cli_in(id, ["repo", "list", "--json"]).ok();
            assert_eq!(flag.out, variable.out);
            assert!(flag.out.contains(&neighbours.host.url(own)) && !flag.out.contains(&neighbours.host.url(other)));
            // The flag counts before the variable.
            assert_eq!(deployment.cli_in("org_other", ["repo", "list", "--org", id, "--json"]).ok().out, flag.out);
        }
        let made = deployment.cli(["token", "create", "--scope", "read", "--org", BETA, "--json"]).ok().json();
        assert!(made["token"].as_str().is_some_and(|token| token.starts_with("ekr_org_beta_")));
        let message = deployment.cli(["repo", "list", "--org", "org_nobody"]).refused();
        assert!(message.contains("no such organisation"), "{message}");
        let message = deployment.cli(["repo", "list", "--org", "../../etc"]).refused();
        assert!(message.contains("org") && !message.contains("panicked"), "{message}");
    }
}

#[test]
fn an_organisation_that_cannot_be_entered_is_told_of_on_the_command_line() {
    let mut deployment = Deployment::stopped(FakeClerk::start(InstanceKind::Production), &[]);
    deployment.clerk.organization("org_new", "New", serde_json::json!({}));
    for running in [false, true] {
        if running {
            deployment.begin();
        }
        let message = deployment.cli(["repo", "list", "--org", "org_new"]).refused();
        assert!(message.contains("instant.appId") && message.contains("org_new"), "{message}");
    }
    deployment.clerk.trouble("/", clerk::testing::Trouble::Status(503));
    let message = deployment.cli(["repo", "list", "--org", "org_away"]).refused();
    assert!(message.contains("does not answer"), "{message}");
}

#[test]
fn what_is_for_one_store_alone_says_how_to_name_it() {
    let mut neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let message = deployment.cli(["schema", "plan"]).refused();
    assert!(message.contains("INSTANT_APP_ID") && message.contains("CLERK"), "{message}");
    for arguments in [["login-link", "--org", ACME], ["backup", "copy.tar", "--org"]] {
        let ran = deployment.cli(arguments);
        assert_ne!(ran.code, 0, "{arguments:?}: {}", ran.out);
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
    }
    neighbours.deployment.end();
}

/// Runs `config` with these settings.
fn config(settings: &[(&str, &str)]) -> Ran {
    let offline = Offline::new();
    let mut command = offline.command(["config", "--json"]);
    command.envs(settings.iter().copied());
    Ran::of(command)
}

#[test]
fn settings_that_cannot_be_meant_together_are_refused() {
    let (live, test) = ("pk_live_Y2xlcmsuZWthaXJvcy5kZXYk", "pk_test_aGFwcHktb3R0ZXItNDIuY2xlcmsuYWNjb3VudHMuZGV2JA");
    let both = [
        ("CLERK_PUBLISHABLE_KEY", live),
        ("CLERK_SECRET_KEY", "sk_live_canary"),
        ("PUBLIC_URL", "https://registry.example"),
    ];
    for (settings, told) in [
        (vec![("CLERK_PUBLISHABLE_KEY", live)], "CLERK_SECRET_KEY is not"),
        (vec![("CLERK_SECRET_KEY", "sk_live_canary")], "CLERK_PUBLISHABLE_KEY is not"),
        (
            vec![("CLERK_PUBLISHABLE_KEY", test), ("CLERK_SECRET_KEY", "sk_live_canary")],
            "of a development instance and CLERK_SECRET_KEY of a production",
        ),
        (
            vec![("CLERK_PUBLISHABLE_KEY", "pk_live_canary"), ("CLERK_SECRET_KEY", "sk_live_canary")],
            "CLERK_PUBLISHABLE_KEY is not a publishable key",
        ),
        (vec![("CLERK_PUBLISHABLE_KEY", live), ("CLERK_SECRET_KEY", "canary")], "CLERK_SECRET_KEY is not a secret key"),
        (both[..2].to_vec(), "PUBLIC_URL is not set"),
        (
            [
                &both[..],
                &[("INSTANT_APP_ID", "8a1f2c9e-0000-4000-8000-000000000001"), ("INSTANT_ADMIN_TOKEN", "canary")],
            ]
            .concat(),
            "instant-app-id is set together with CLERK_SECRET_KEY",
        ),
        ([&both[..], &[("EKAIROS_GIT_CREDENTIALS", "https://canary:canary@github.com")]].concat(), "git-credentials"),
        (
            [&both[..], &[("EKAIROS_INSTANT_LISTEN", "127.0.0.1:0")]].concat(),
            "instant-listen serves the embedded store",
        ),
        ([&both[..], &[("PLATFORM_SIGN_IN_PATH", "//evil.example")]].concat(), "must be a path on the platform"),
        ([&both[..], &[("CLERK_IS_SATELLITE", "true")]].concat(), "satellite"),
    ] {
        let ran = config(&settings);
        assert_eq!(ran.code, 1, "{settings:?}: {}", ran.out);
        assert!(ran.err.contains(told), "{settings:?}: {}", ran.err);
        assert!(!ran.err.contains("canary"), "{}", ran.err);
    }
    let ran = config(&both).ok();
    assert!(!ran.out.contains("canary"), "{}", ran.out);
    let rows = ran.json();
    let value = |name: &str| {
        rows.as_array().expect("rows").iter().find(|row| row["name"] == name).expect("a row")["value"].clone()
    };
    assert_eq!(
        (value("mode"), value("local-paths"), value("clerk.secret-key")),
        ("clerk".into(), "false".into(), "(hidden)".into())
    );
}

#[test]
fn repositories_on_the_servers_disk_are_read_only_where_the_operator_says_so() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("card")]);
    let path = repository.folder().display().to_string();
    for (settings, allowed) in [(&[][..], false), (&[("EKAIROS_LOCAL_PATHS", "true")], true)] {
        let deployment = Deployment::start_with(InstanceKind::Production, settings);
        let _database = deployment.organisation(ACME, "Acme");
        let ran = deployment.cli_in(ACME, ["repo", "add", &path]);
        assert_eq!(ran.code == 0, allowed, "{}{}", ran.out, ran.err);
    }
}
