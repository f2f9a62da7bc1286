//! Which deliveries are taken for genuine.

use crate::support::{NEW, OLD, Sent, ZERO, secret, sent, signature_header};
use serde_json::json;
use webhook::{Host, Refused, sign};

fn push(host: Host) -> Sent {
    let (name, body) = match host {
        Host::GitHub | Host::Gitea | Host::Forgejo => {
            ("push", json!({ "ref": "refs/heads/main", "before": OLD, "after": NEW }))
        }
        Host::GitLab => ("Push Hook", json!({ "ref": "refs/heads/main", "before": OLD, "after": NEW })),
        Host::BitbucketCloud => ("repo:push", json!({ "push": { "changes": [] } })),
        Host::BitbucketServer => ("repo:refs_changed", json!({ "changes": [] })),
    };
    sent(host, name, body.to_string())
}

#[test]
fn a_signed_delivery_names_its_host_and_its_id() {
    for host in Host::ALL {
        let delivery = push(host).read().unwrap();
        assert_eq!(delivery.host, host);
        assert_eq!(delivery.id.unwrap().as_str(), "id-1", "{host}");
    }
}

#[test]
fn an_unsigned_delivery_is_refused() {
    for host in Host::ALL {
        let mut delivery = push(host);
        delivery.without(signature_header(host));
        assert_eq!(delivery.arrives().unwrap_err(), Refused::Unsigned(host));
        delivery.set(signature_header(host), "");
        assert!(delivery.arrives().is_err(), "{host}");
    }
    let mut nobody = push(Host::GitHub);
    nobody.without("x-github-event");
    assert_eq!(nobody.arrives().unwrap_err(), Refused::UnknownHost);
}

#[test]
fn another_secret_another_body_and_another_spelling_are_refused() {
    for host in Host::ALL {
        let good = push(host);
        let mut longer = good.clone();
        longer.body.push(b' ');
        assert_eq!(longer.arrives().unwrap_err(), Refused::WrongSignature(host));
        let mut shouted = good.clone();
        let signature = good.headers[signature_header(host)].to_str().unwrap().to_owned();
        for other in [signature.to_ascii_uppercase(), signature[1..].to_owned(), format!("{signature}0")] {
            shouted.set(signature_header(host), &other);
            assert_eq!(shouted.arrives().unwrap_err(), Refused::WrongSignature(host), "{other}");
        }
        // Two of them: which one counts?
        let mut twice = good.clone();
        twice.headers.append(signature_header(host), signature.parse().unwrap());
        assert!(twice.arrives().is_err(), "{host}");
    }
}

#[test]
fn a_sha_1_signature_of_github_counts_for_nothing() {
    let mut delivery = push(Host::GitHub);
    delivery.without("x-hub-signature-256").set("x-hub-signature", "sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709");
    assert_eq!(delivery.arrives().unwrap_err(), Refused::Unsigned(Host::GitHub));
    let right = sign::prefixed(&secret(), &delivery.body);
    delivery.set("x-hub-signature", &right);
    assert_eq!(delivery.arrives().unwrap_err(), Refused::Unsigned(Host::GitHub));
}

#[test]
fn a_wrong_signature_of_forgejo_is_not_made_good_by_one_of_gitea() {
    let mut delivery = push(Host::Forgejo);
    let right = sign::hexadecimal(&secret(), &delivery.body);
    delivery.set("x-gitea-signature", &right).set("x-forgejo-signature", &"0".repeat(64));
    assert_eq!(delivery.arrives().unwrap_err(), Refused::WrongSignature(Host::Forgejo));
    delivery.without("x-forgejo-signature");
    assert!(delivery.arrives().is_ok());
}

#[test]
fn gitlab_proves_itself_by_the_secret_token_or_by_a_signature() {
    let mut delivery = push(Host::GitLab);
    assert!(delivery.arrives().is_ok());
    // A GitLab without a signing token sends id and time all the same.
    delivery.without("webhook-signature").set("x-gitlab-token", secret().expose());
    assert!(delivery.arrives().is_ok());
    for token in ["", "x", &secret().expose()[1..], &format!("{}x", secret().expose())] {
        delivery.set("x-gitlab-token", token);
        assert!(delivery.arrives().is_err(), "{token}");
    }
    // Where there is a signature, it decides.
    delivery.set("x-gitlab-token", secret().expose()).set("webhook-signature", "v1,AAAA");
    assert_eq!(delivery.arrives().unwrap_err(), Refused::WrongSignature(Host::GitLab));
}

#[test]
fn while_a_key_is_exchanged_one_right_signature_is_enough() {
    let mut delivery = push(Host::GitLab);
    let right = delivery.headers["webhook-signature"].to_str().unwrap().to_owned();
    delivery.set("webhook-signature", &format!("v1a,AAAA v1,BBBB {right}"));
    assert!(delivery.arrives().is_ok());
}

#[test]
fn a_signature_with_a_time_is_good_for_five_minutes_either_way() {
    let signed_at = |timestamp: &str| {
        let mut delivery = push(Host::GitLab);
        let signature = sign::standard(&secret(), "id-1", timestamp, &delivery.body);
        delivery.set("webhook-timestamp", timestamp).set("webhook-signature", &signature);
        delivery.arrives().map(drop)
    };
    for timestamp in ["1790000000", "1789999700", "1790000300"] {
        assert_eq!(signed_at(timestamp), Ok(()));
    }
    for timestamp in ["1789999699", "1790000301", "0", "-9223372036854775808", "9223372036854775807", "soon", ""] {
        assert_eq!(signed_at(timestamp), Err(Refused::Stale(Host::GitLab)), "{timestamp}");
    }
}

#[test]
fn a_delivery_that_was_cut_short_before_it_was_signed_says_where() {
    for host in Host::ALL {
        let whole = push(host);
        let event = whole.arrives().unwrap().claim().event.clone();
        let cut = sent(host, &event, &whole.body[..whole.body.len() - 3]);
        let error = cut.read().unwrap_err().to_string();
        assert!(error.contains(&event) && error.contains("line 1"), "{error}");
    }
    let odd = json!({ "ref": "refs/heads/main", "before": ZERO, "after": "main" }).to_string();
    let error = sent(Host::GitHub, "push", odd).read().unwrap_err().to_string();
    assert!(error.contains("\"main\" is not the name of a git object"), "{error}");
}

#[test]
fn a_refusal_says_what_to_do_and_repeats_nothing() {
    for host in Host::ALL {
        let mut delivery = push(host);
        delivery.set(signature_header(host), "canary").set("x-gitlab-token", "canary");
        let message = delivery.arrives().unwrap_err().to_string();
        assert!(message.contains("repo hook") && message.contains(host.label()), "{message}");
        assert!(!message.contains("canary") && !message.contains(secret().expose()), "{message}");
    }
}

#[test]
fn an_odd_id_is_no_id_and_an_odd_event_is_cut() {
    for id in ["", &"x".repeat(129), "a b"] {
        let mut delivery = push(Host::GitHub);
        delivery.set("x-github-delivery", id);
        assert_eq!(delivery.read().unwrap().id, None, "{id}");
    }
    let delivery = sent(Host::GitHub, &"x".repeat(1_000), "{}");
    assert_eq!(delivery.arrives().unwrap().claim().event.len(), 64);
}
