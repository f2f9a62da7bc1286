//! Whether a delivery is genuine. Looks at bytes, parses nothing.

use crate::{
    Claim, HookSecret, Host,
    host::single,
    sign::{hexadecimal, prefixed, standard},
};
use http::{HeaderMap, header::CONTENT_TYPE};
use std::fmt;
use subtle::ConstantTimeEq as _;

/// How far the time of a signature may be from ours, in seconds: five minutes,
/// as the libraries of Standard Webhooks have it.
pub const TOLERANCE_SECONDS: i64 = 5 * 60;

/// Why a delivery is not taken for genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing says which host it is from.
    #[error(
        "The delivery has no headers of GitHub, GitLab, Gitea, Forgejo or Bitbucket. Send it from a webhook of one of them."
    )]
    UnknownHost,
    /// There is no signature.
    #[error(
        "The delivery is not signed. Enter the secret in the webhook's settings at {0}; `ekairos-registry repo hook <repository>` prints it."
    )]
    Unsigned(Host),
    /// The signature is another than that of this body under the secret.
    #[error(
        "The delivery's signature is wrong: the secret at {0} is not the registry's. Enter the one that `ekairos-registry repo hook <repository>` prints, and send application/json."
    )]
    WrongSignature(Host),
    /// The signature is right, and too old or from the future.
    #[error(
        "The delivery was signed more than five minutes from now by the registry's clock. Set the clocks right, then send it again."
    )]
    Stale(Host),
}

/// A delivery whose signature was checked. Only [`authenticate`] makes one.
#[derive(Clone)]
pub struct Authentic<'a> {
    pub(crate) claim: Claim,
    pub(crate) body: &'a [u8],
    /// Whether the body is a form, with the JSON in its field `payload`.
    pub(crate) form: bool,
}

impl Authentic<'_> {
    /// What its headers say of it.
    pub fn claim(&self) -> &Claim {
        &self.claim
    }
}

/// Without the body, which is not for logs.
impl fmt::Debug for Authentic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authentic").field("claim", &self.claim).finish_non_exhaustive()
    }
}

/// Checks a delivery's signature in constant time. `now` is in seconds since 1970.
///
/// # Errors
/// [`Refused`], which says what to do and repeats no part of the delivery.
pub fn authenticate<'a>(
    headers: &HeaderMap,
    body: &'a [u8],
    secret: &HookSecret,
    now: i64,
) -> Result<Authentic<'a>, Refused> {
    let claim = Claim::of(headers).ok_or(Refused::UnknownHost)?;
    let host = claim.host;
    match host {
        // Never the older X-Hub-Signature of GitHub, which is SHA-1:
        // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
        Host::GitHub => expect(single(headers, "x-hub-signature-256"), &prefixed(secret, body), host)?,
        // https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/
        // https://confluence.atlassian.com/bitbucketserver/managing-webhooks-in-bitbucket-server-938025878.html
        Host::BitbucketCloud | Host::BitbucketServer => {
            expect(single(headers, "x-hub-signature"), &prefixed(secret, body), host)?;
        }
        Host::Gitea => expect(single(headers, "x-gitea-signature"), &hexadecimal(secret, body), host)?,
        Host::Forgejo => {
            // A wrong one of its own is not made good by another.
            let own = headers.contains_key("x-forgejo-signature");
            let name = if own { "x-forgejo-signature" } else { "x-gitea-signature" };
            expect(single(headers, name), &hexadecimal(secret, body), host)?;
        }
        // With a signing token: https://gitlab.com/gitlab-org/gitlab/-/merge_requests/230944.
        // Id and time alone are no sign of one: GitLab sends those without it too.
        Host::GitLab if headers.contains_key("webhook-signature") => check_standard(headers, body, secret, now)?,
        // https://docs.gitlab.com/user/project/integrations/webhooks/#create-a-webhook
        Host::GitLab => expect(single(headers, "x-gitlab-token"), secret.expose(), host)?,
    }
    let content_type = single(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let form = content_type.split(';').next().unwrap_or_default().trim();
    let form = form.eq_ignore_ascii_case("application/x-www-form-urlencoded");
    Ok(Authentic { claim, body, form })
}

/// Whether what was sent is exactly what is right. Texts are compared, not what
/// they decode to, so that there is one right spelling.
fn expect(sent: Option<&str>, right: &str, host: Host) -> Result<(), Refused> {
    let sent = sent.filter(|sent| !sent.is_empty()).ok_or(Refused::Unsigned(host))?;
    if is_same(sent, right) { Ok(()) } else { Err(Refused::WrongSignature(host)) }
}

fn is_same(sent: &str, right: &str) -> bool {
    sent.as_bytes().ct_eq(right.as_bytes()).into()
}

/// Standard Webhooks: several signatures may stand there while a key is exchanged.
fn check_standard(headers: &HeaderMap, body: &[u8], secret: &HookSecret, now: i64) -> Result<(), Refused> {
    let host = Host::GitLab;
    let header = |name| single(headers, name).ok_or(Refused::WrongSignature(host));
    let (id, timestamp) = (header("webhook-id")?, header("webhook-timestamp")?);
    let right = standard(secret, id, timestamp, body);
    if !header("webhook-signature")?.split(' ').take(16).any(|sent| is_same(sent, &right)) {
        return Err(Refused::WrongSignature(host));
    }
    match timestamp.parse::<i64>() {
        Ok(time) if now.saturating_sub(time).unsigned_abs() <= TOLERANCE_SECONDS.unsigned_abs() => Ok(()),
        _ => Err(Refused::Stale(host)),
    }
}
