//! What is printed of tokens.
#![expect(clippy::print_stdout, reason = "this is the command line's voice")]

use super::{columns, json};
use crate::cli::Reply;
use model::view::{Millis, TokenState, TokenView};
use std::time::{Duration, UNIX_EPOCH};

pub(super) fn print(reply: &Reply, as_json: bool) {
    match reply {
        Reply::Token(made) if as_json => json(made),
        Reply::Token(made) => println!("{}\n\nThis is the only time it is shown.", made.token),
        Reply::Tokens(tokens) if as_json => json(tokens),
        Reply::Tokens(tokens) => list(tokens),
        Reply::TokenRevoked(token) if as_json => json(token),
        Reply::TokenRevoked(token) => println!("Revoked {:?}. It opens nothing any more.", token.name),
        _ => {}
    }
}

fn list(tokens: &[TokenView]) {
    if tokens.is_empty() {
        println!("No tokens yet. Next: ekairos-registry token create --scope read --name ci");
        return;
    }
    let rows: Vec<[String; 6]> = tokens
        .iter()
        .map(|token| {
            let state = match token.state {
                TokenState::Active => "active",
                TokenState::Replaced => "replaced",
                TokenState::Expired => "expired",
                TokenState::Revoked => "revoked",
            };
            [
                token.scope.clone(),
                state.to_owned(),
                token.last_used_at.map_or_else(|| "never".to_owned(), date),
                token.expires_at.map_or_else(|| "never".to_owned(), date),
                token.id.to_string(),
                token.name.clone(),
            ]
        })
        .collect();
    columns(["SCOPE", "STATE", "LAST USED", "EXPIRES", "ID", "NAME"], &rows);
}

/// A day and minute, in UTC.
fn date(at: Millis) -> String {
    let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(at).unwrap_or_default());
    let text = humantime::format_rfc3339_seconds(at).to_string();
    text.get(..16).unwrap_or(&text).replace('T', " ")
}
