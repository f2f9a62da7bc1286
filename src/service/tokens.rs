//! API tokens: making, replacing, revoking and loading them.

mod uses;

pub(super) use uses::Uses;

use super::{
    RegistryService, ServiceError,
    audit::{Action, Event},
};
use crate::{
    auth::{Access, Admin, ApiToken, Scope, TokenRecord, TokenTable},
    tenants::Tenant,
};
use instant::{Timestamp, Transaction, rows};
use model::{
    TokenId,
    view::{MadeToken, TokenState, TokenView},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// How long an old token works beside the one that takes its place, in seconds, if nobody says.
pub const OVERLAP: u64 = 24 * 60 * 60;
/// The longest that it may.
const MAX_OVERLAP: u64 = 90 * 24 * 60 * 60;
/// The shortest and the longest life of a token, in seconds.
const LIFE: std::ops::RangeInclusive<u64> = 60..=10 * 366 * 24 * 60 * 60;
/// Most tokens of one organisation that are not revoked.
const MOST: usize = 1_000;
/// Most tokens that a list shows.
const LISTED: u64 = 2_000;

/// A token to make.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewToken {
    /// What it may do: `read`, `sync` or `admin`. Each includes the ones before it.
    #[schema(value_type = String)]
    pub scope: Scope,
    /// A name for people.
    #[serde(default)]
    pub name: String,
    /// Seconds until it expires, from a minute to ten years; never if not given.
    #[serde(default)]
    pub expires_in: Option<u64>,
}

/// How a token is replaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Rotation {
    /// Seconds for which the old one goes on working, 90 days at most; a day if not given.
    pub overlap: Option<u64>,
    /// Seconds until the new one expires; as long as the old one had from the
    /// beginning if not given.
    pub expires_in: Option<u64>,
}

impl RegistryService {
    /// The tokens that there are and were, newest first.
    pub async fn tokens(&self, access: &Access<Admin>) -> Result<Vec<TokenView>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let newest = tenant.db.select::<rows::Token>().order(rows::Token::CREATED_AT.desc()).limit(LISTED);
        Ok(newest.all().await?.into_iter().map(view).collect())
    }

    /// One token.
    pub async fn token(&self, access: &Access<Admin>, id: TokenId) -> Result<TokenView, ServiceError> {
        let tenant = &self.tenant(access)?;
        Ok(view(token_row(tenant, id).await?))
    }

    /// The token that a person means: its id, or the name of exactly one that is good.
    pub async fn find_token(&self, access: &Access<Admin>, text: &str) -> Result<TokenId, ServiceError> {
        if let Ok(id) = text.parse() {
            return Ok(id);
        }
        let tokens = self.tokens(access).await?;
        let mut named = tokens.iter().filter(|token| token.name == text && token.state == TokenState::Active);
        match (named.next(), named.next()) {
            (Some(token), None) => Ok(token.id),
            (Some(_), Some(_)) => Err(ServiceError::Conflict(format!(
                "Several tokens are called {text:?}. Give the id of one: `ekairos-registry token list` shows them."
            ))),
            (None, _) => Err(no_token(text)),
        }
    }

    /// Makes a token. Its text is in the answer and nowhere else.
    pub async fn create_token(&self, access: &Access<Admin>, new: NewToken) -> Result<MadeToken, ServiceError> {
        let tenant = &self.tenant(access)?;
        check_life(new.expires_in)?;
        let now = Timestamp::now();
        let expires_at = new.expires_in.map(|seconds| after(now, seconds));
        self.make_token(access, tenant, name_of(&new.name), new.scope, now, expires_at, None).await
    }

    /// Makes a token that takes another's place: of the same name and scope. The
    /// old one goes on working for a while.
    pub async fn rotate_token(
        &self,
        access: &Access<Admin>,
        id: TokenId,
        rotation: Rotation,
    ) -> Result<MadeToken, ServiceError> {
        let tenant = &self.tenant(access)?;
        check_life(rotation.expires_in)?;
        let overlap = rotation.overlap.unwrap_or(OVERLAP);
        if overlap > MAX_OVERLAP {
            return Err(ServiceError::Invalid("The old token can go on working for 90 days at most.".to_owned()));
        }
        let row = token_row(tenant, id).await?;
        match state(&row) {
            TokenState::Active => {}
            TokenState::Replaced => {
                return Err(ServiceError::Conflict(
                    "This token was replaced already. Replace the one that took its place.".to_owned(),
                ));
            }
            TokenState::Expired | TokenState::Revoked => {
                return Err(ServiceError::Conflict("This token opens nothing any more. Make a new one.".to_owned()));
            }
        }
        let now = Timestamp::now();
        let scope = scope_of(&row).unwrap_or(Scope::Read);
        let whole_life = row.expires_at.map(|expires| expires.as_millis() - row.created_at.as_millis());
        let expires_at = match rotation.expires_in {
            Some(seconds) => Some(after(now, seconds)),
            None => whole_life.map(|millis| now.plus_millis(millis)),
        };
        self.make_token(access, tenant, row.name.clone(), scope, now, expires_at, Some((row, overlap))).await
    }

    #[expect(clippy::too_many_arguments, reason = "a token is made of just these")]
    async fn make_token(
        &self,
        access: &Access<Admin>,
        tenant: &Tenant,
        name: String,
        scope: Scope,
        now: Timestamp,
        expires_at: Option<Timestamp>,
        replaced: Option<(rows::Token, u64)>,
    ) -> Result<MadeToken, ServiceError> {
        if tenant.tokens.load().0.len() >= MOST {
            return Err(ServiceError::Conflict(format!(
                "There are {MOST} tokens already. Revoke those that nobody uses, then make another."
            )));
        }
        let token = ApiToken::generate(access.organisation());
        let id = TokenId::random();
        let actor = access.actor().to_string();
        let mut transaction = Transaction::new();
        transaction
            .create::<rows::Token>(id)
            .set(rows::Token::HASH, token.hash().to_string())
            .set(rows::Token::NAME, name.clone())
            .set(rows::Token::SCOPES, vec![scope.as_str().to_owned()])
            .set(rows::Token::CREATED_AT, now)
            .set(rows::Token::CREATED_BY, actor.clone())
            .set_opt(rows::Token::EXPIRES_AT, expires_at);
        let expires = expires_at.map(Timestamp::as_millis);
        match replaced {
            None => Event::of(access, Action::TokenCreate, id)
                .with(json!({ "name": name, "scope": scope, "expiresAt": expires }))
                .note(&mut transaction),
            Some((old, overlap)) => {
                let until = after(now, overlap);
                let until = old.expires_at.map_or(until, |expires| expires.min(until));
                let step = transaction
                    .update_existing::<rows::Token>(old.id)
                    .set(rows::Token::EXPIRES_AT, until)
                    .set(rows::Token::REPLACED_BY, id.to_string());
                if overlap == 0 {
                    step.set(rows::Token::REVOKED_AT, now);
                }
                Event::of(access, Action::TokenRotate, old.id)
                    .with(json!({ "name": name, "by": id, "worksUntil": until.as_millis(), "expiresAt": expires }))
                    .note(&mut transaction);
            }
        }
        tenant.db.transact(transaction).await?;
        self.reload_tokens(tenant).await?;
        let view = TokenView {
            id,
            name,
            scope: scope.to_string(),
            state: TokenState::Active,
            created_at: now.as_millis(),
            created_by: Some(actor),
            expires_at: expires,
            last_used_at: None,
            revoked_at: None,
            replaced_by: None,
        };
        Ok(MadeToken { token: token.expose().to_owned(), view })
    }

    /// Revokes a token: it opens nothing from now on, on any server.
    pub async fn revoke_token(&self, access: &Access<Admin>, id: TokenId) -> Result<TokenView, ServiceError> {
        let tenant = &self.tenant(access)?;
        let row = token_row(tenant, id).await?;
        if row.revoked_at.is_none() {
            let mut transaction = Transaction::new();
            transaction.update_existing::<rows::Token>(id).set(rows::Token::REVOKED_AT, Timestamp::now());
            Event::of(access, Action::TokenRevoke, id).with(json!({ "name": row.name })).note(&mut transaction);
            tenant.db.transact(transaction).await?;
        }
        // Also where it was revoked already: the one who did may not have come so far.
        self.reload_tokens(tenant).await?;
        self.token(access, id).await
    }

    async fn reload_tokens(&self, tenant: &Tenant) -> Result<(), ServiceError> {
        let _one_at_a_time = tenant.rebuilding.lock().await;
        load_tokens(tenant).await
    }
}

/// A name as it is kept: what can be seen of it, 100 characters at most.
fn name_of(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(100).collect()
}

fn after(now: Timestamp, seconds: u64) -> Timestamp {
    now.plus_millis(i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX))
}

fn check_life(seconds: Option<u64>) -> Result<(), ServiceError> {
    if seconds.is_some_and(|seconds| !LIFE.contains(&seconds)) {
        return Err(ServiceError::Invalid("A token lives from a minute to ten years, or for ever.".to_owned()));
    }
    Ok(())
}

fn no_token(text: impl std::fmt::Display) -> ServiceError {
    ServiceError::not_found("token", text, "`ekairos-registry token list` shows all of them.")
}

async fn token_row(tenant: &Tenant, id: TokenId) -> Result<rows::Token, ServiceError> {
    tenant.db.get::<rows::Token>(id).await?.ok_or_else(|| no_token(id))
}

/// The strongest of a row's scopes.
fn scope_of(row: &rows::Token) -> Option<Scope> {
    row.scopes.iter().filter_map(|scope| scope.parse::<Scope>().ok()).max()
}

fn state(row: &rows::Token) -> TokenState {
    if row.revoked_at.is_some() {
        TokenState::Revoked
    } else if row.expires_at.is_some_and(|expires| expires <= Timestamp::now()) {
        TokenState::Expired
    } else if row.replaced_by.is_some() {
        TokenState::Replaced
    } else {
        TokenState::Active
    }
}

fn view(row: rows::Token) -> TokenView {
    TokenView {
        state: state(&row),
        scope: scope_of(&row).map(|scope| scope.to_string()).unwrap_or_default(),
        id: row.id,
        name: row.name,
        created_at: row.created_at.as_millis(),
        created_by: row.created_by,
        expires_at: row.expires_at.map(Timestamp::as_millis),
        last_used_at: row.last_used_at.map(Timestamp::as_millis),
        revoked_at: row.revoked_at.map(Timestamp::as_millis),
        replaced_by: row.replaced_by.and_then(|id| id.parse().ok()),
    }
}

/// Reads the organisation's tokens into memory, where requests look. The caller
/// holds `tenant.rebuilding`, so that no older ones overtake newer.
pub(super) async fn load_tokens(tenant: &Tenant) -> Result<(), ServiceError> {
    let rows = tenant.db.select::<rows::Token>().filter(rows::Token::REVOKED_AT.is_null()).pages().await?;
    let table = rows.into_iter().filter_map(|row| {
        let scope = scope_of(&row)?;
        let record =
            TokenRecord { id: row.id, name: row.name, scope, expires_at: row.expires_at.map(Timestamp::as_millis) };
        Some((row.hash.parse().ok()?, record))
    });
    tenant.tokens.store(Arc::new(TokenTable(table.collect())));
    Ok(())
}
