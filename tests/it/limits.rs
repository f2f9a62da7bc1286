//! How often anything may be asked for.

use crate::support::{Answer, Registry, is_about_local_mode};
use registry::auth::ApiToken;

/// A server behind a proxy on this machine that it trusts.
fn behind_a_proxy(settings: &[(&str, &str)]) -> Registry {
    let all: Vec<_> = [("EKAIROS_TRUSTED_PROXIES", "127.0.0.1")].into_iter().chain(settings.iter().copied()).collect();
    Registry::start_with(&all)
}

fn ask(registry: &Registry, path: &str, address: &str, token: Option<&str>) -> Answer {
    let asking = registry.ask("GET", path).with("x-forwarded-for", address);
    match token {
        Some(token) => asking.token(token),
        None => asking,
    }
    .send()
}

/// Seconds to wait, of an answer that says so in the shape of all errors.
fn waits(answer: &Answer) -> u32 {
    assert_eq!(answer.status, 429, "{}", answer.text());
    let told = answer.json();
    assert_eq!(told["error"], "too_many");
    let seconds = answer.header("retry-after").parse().expect("seconds");
    assert!(
        told["message"].as_str().is_some_and(|message| message.contains(&format!("Wait {seconds} second"))),
        "{told}"
    );
    seconds
}

#[test]
fn an_address_that_asks_too_often_waits_and_others_do_not() {
    let registry = behind_a_proxy(&[("EKAIROS_LIMIT_PER_ADDRESS", "5/h")]);
    let token = registry.token("read");
    for _ in 0..5 {
        ask(&registry, "/r/registry.json", "203.0.113.7", Some(&token)).expect(200);
    }
    let refused = ask(&registry, "/r/registry.json", "203.0.113.7", Some(&token));
    assert!((1..=720).contains(&waits(&refused)), "{}", refused.header("retry-after"));
    refused.plain_error();
    for path in ["/registry", "/api/internal/registry", "/no/such/page", "/health/live", "/r/init.json", "/x.json"] {
        waits(&ask(&registry, path, "203.0.113.7", Some(&token)));
    }
    ask(&registry, "/r/registry.json", "203.0.113.8", Some(&token)).expect(200);
    // What a client writes before the proxy's own entry makes it no one else.
    waits(&ask(&registry, "/r/registry.json", "203.0.113.99, 203.0.113.7", Some(&token)));
    // People get a page, programs JSON.
    for path in ["/registry", "/no/such/page"] {
        let asking = registry.ask("GET", path).with("x-forwarded-for", "203.0.113.7").with("accept", "text/html");
        let page = asking.send().expect(429);
        assert!(page.text().contains("Too many requests") && !page.header("retry-after").is_empty(), "{}", page.text());
        assert!(page.header("content-security-policy").contains("script-src"), "it is a page like others");
    }
    let sent = registry.ask("POST", "/settings/tokens").with("x-forwarded-for", "203.0.113.7");
    let sent =
        sent.with("accept", "text/html").text("application/x-www-form-urlencoded", "name=typed").send().expect(429);
    assert!(sent.text().contains("reload this page") && sent.header("refresh").is_empty(), "{}", sent.text());
    for _ in 0..10 {
        registry.get("/health/live").expect(200);
    }
}

#[test]
fn a_token_that_is_used_too_often_waits_wherever_it_is_used() {
    let registry = behind_a_proxy(&[("EKAIROS_LIMIT_PER_TOKEN", "4/h")]);
    let (token, other) = (registry.token("read"), registry.token("read"));
    for nth in 0..4 {
        ask(&registry, "/r/registry.json", &format!("203.0.113.{nth}"), Some(&token)).expect(200);
    }
    let refused = ask(&registry, "/r/registry.json", "203.0.113.9", Some(&token));
    waits(&refused);
    refused.plain_error();
    ask(&registry, "/r/registry.json", "203.0.113.9", Some(&other)).expect(200);
}

#[test]
fn whoever_guesses_tokens_is_stopped_and_good_ones_work_from_the_same_address() {
    let registry = behind_a_proxy(&[]);
    let good = registry.token("read");
    let unknown = Registry::start().token("read");
    for nth in 0..30 {
        let answer = ask(&registry, "/r/registry.json", "203.0.113.7", Some(&unknown));
        assert_eq!(answer.status, 401, "{nth}: {}", answer.text());
    }
    waits(&ask(&registry, "/r/registry.json", "203.0.113.7", Some(&unknown)));
    // Nor is an organisation looked up any more that nobody knows here.
    let elsewhere = ApiToken::generate(&"org_elsewhere".parse().expect("an organisation"));
    waits(&ask(&registry, "/r/registry.json", "203.0.113.7", Some(elsewhere.expose())));
    ask(&registry, "/r/registry.json", "203.0.113.8", Some(elsewhere.expose())).expect(401);
    // Whoever shares the address is not kept out by it.
    ask(&registry, "/r/registry.json", "203.0.113.7", Some(&good)).expect(200);
    // What cannot be a token is told from its form alone, and never counts.
    for _ in 0..40 {
        ask(&registry, "/r/registry.json", "203.0.113.8", Some("ekr_org_local_x")).expect(401);
    }
    ask(&registry, "/r/registry.json", "203.0.113.8", Some(&good)).expect(200);
}

#[test]
fn hundreds_of_items_at_once_are_no_reason_to_wait() {
    let registry = behind_a_proxy(&[]);
    let token = registry.token("read");
    for _ in 0..1_000 {
        ask(&registry, "/r/registry.json", "203.0.113.7", Some(&token)).expect(200);
    }
}

#[test]
fn of_a_proxy_that_nobody_trusts_the_header_counts_for_nothing() {
    let registry = Registry::start_with(&[("EKAIROS_LIMIT_PER_ADDRESS", "5/h")]);
    let token = registry.token("read");
    // Everyone behind it would have one address: then it is tokens that are counted.
    for _ in 0..10 {
        ask(&registry, "/r/registry.json", "203.0.113.7", Some(&token)).expect(200);
    }
}

#[test]
fn a_guesser_of_sign_in_links_keeps_nobody_else_out() {
    if is_about_local_mode("people sign in through Clerk, and not by links of the registry's own") {
        return;
    }
    let registry = behind_a_proxy(&[]);
    let path = registry.login.strip_prefix(&registry.url).expect("a link of its own").to_owned();
    let guess = |nth: usize| {
        let answer = ask(&registry, &format!("/login?t=guess-{nth}"), "203.0.113.7", None).expect(303);
        answer.header("location").to_owned()
    };
    for nth in 0..5 {
        assert_eq!(guess(nth), "/login?error=used");
    }
    assert_eq!(guess(5), "/login?error=limited");
    assert_eq!(ask(&registry, &path, "203.0.113.7", None).header("location"), "/login?error=limited");
    assert_eq!(ask(&registry, &path, "203.0.113.8", None).header("location"), "/");
}

#[test]
fn limits_that_cannot_be_are_refused_with_how_they_are_written() {
    let offline = crate::support::Offline::new();
    for (variable, value, told) in [
        ("EKAIROS_LIMIT_PER_ADDRESS", "many", "`6000/m`"),
        ("EKAIROS_LIMIT_PER_TOKEN", "0/s", "`6000/m`"),
        ("EKAIROS_TRUSTED_PROXIES", "proxy.example", "10.0.0.0/8"),
    ] {
        let mut command = offline.command(["config"]);
        command.env(variable, value);
        let message = crate::support::Ran::of(command).refused();
        assert!(message.contains(told) && message.contains(variable), "{message}");
    }
    let shown = offline.cli(["config"]).ok().out;
    for value in ["6000/m", "12000/m", "(none)"] {
        assert!(shown.contains(value), "{shown}");
    }
}
