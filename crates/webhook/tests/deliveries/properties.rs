//! Whatever arrives.

use crate::support::{NEW, OLD, sent, signature_header};
use proptest::prelude::*;
use serde_json::json;
use webhook::Host;

/// Every event that is read, with its host.
const READ: [(Host, &str); 8] = [
    (Host::GitHub, "push"),
    (Host::GitHub, "create"),
    (Host::Gitea, "delete"),
    (Host::Forgejo, "push"),
    (Host::GitLab, "Push Hook"),
    (Host::GitLab, "Tag Push Hook"),
    (Host::BitbucketCloud, "repo:push"),
    (Host::BitbucketServer, "repo:refs_changed"),
];

fn body() -> Vec<u8> {
    json!({ "ref": "refs/heads/main", "before": OLD, "after": NEW }).to_string().into_bytes()
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..512), form: bool) {
        for (host, event) in READ {
            let mut delivery = sent(host, event, bytes.clone());
            if form {
                delivery.set("content-type", "application/x-www-form-urlencoded");
            }
            let _ = delivery.read();
        }
    }

    #[test]
    fn no_json_makes_it_panic(name in "\\PC{0,30}", before in "[0-9a-f]{0,70}", after in "\\PC{0,70}", kind in "branch|tag|\\PC{0,9}") {
        let target = json!({ "type": kind, "name": name, "target": { "hash": after } });
        let body = json!({
            "ref": name, "before": before, "after": after, "ref_type": kind, "sha": before,
            "head_commit": { "id": before }, "checkout_sha": before,
            "push": { "changes": [{ "old": null, "new": target }, { "old": target }] },
        });
        for (host, event) in READ {
            let _ = sent(host, event, body.to_string()).read();
        }
    }

    #[test]
    fn a_flipped_bit_of_the_body_is_refused(bit in 0..body().len() * 8) {
        for host in Host::ALL {
            let mut delivery = sent(host, "push", body());
            delivery.body[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(delivery.arrives().is_err(), "{host}");
        }
    }

    #[test]
    fn a_flipped_bit_of_the_signature_is_refused(at: prop::sample::Index, bit in 0..7_u32) {
        for host in Host::ALL {
            let mut delivery = sent(host, "push", body());
            let name = signature_header(host);
            let mut signature = delivery.headers[name].as_bytes().to_vec();
            let at = at.index(signature.len());
            signature[at] ^= 1 << bit;
            // A byte that no header can hold never arrives.
            let Ok(text) = String::from_utf8(signature) else { continue };
            if text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
                delivery.set(name, &text);
                prop_assert!(delivery.arrives().is_err(), "{host}: {text}");
            }
        }
    }

    #[test]
    fn a_body_cut_anywhere_is_refused(end in 0..body().len()) {
        for host in Host::ALL {
            let mut delivery = sent(host, "push", body());
            delivery.body.truncate(end);
            prop_assert!(delivery.arrives().is_err(), "{host}");
        }
    }
}
