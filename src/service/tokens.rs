//! API tokens: making and loading them.

use super::{RegistryService, ServiceError};
use crate::{
    auth::{Access, Admin, ApiToken, Scope, TokenRecord, TokenTable},
    tenants::Tenant,
};
use instant::{Timestamp, Transaction, rows};
use model::TokenId;
use std::sync::Arc;

/// A token to make.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What it may do.
    pub scope: Scope,
    /// A name for people.
    pub name: String,
}

impl RegistryService {
    /// Makes a token. Its text is in the answer and nowhere else.
    pub async fn create_token(&self, access: &Access<Admin>, new: NewToken) -> Result<ApiToken, ServiceError> {
        let tenant = &self.tenant(access)?;
        let token = ApiToken::generate(access.organisation());
        let id = TokenId::random();
        let name: String = new.name.chars().filter(|c| !c.is_control()).take(100).collect();
        let mut transaction = Transaction::new();
        transaction
            .create::<rows::Token>(id)
            .set(rows::Token::HASH, token.hash().to_string())
            .set(rows::Token::NAME, name)
            .set(rows::Token::SCOPES, vec![new.scope.as_str().to_owned()])
            .set(rows::Token::CREATED_AT, Timestamp::now());
        tenant.db.transact(transaction).await?;
        self.audit(tenant, access, "token.create", &id.to_string()).await?;
        let _one_at_a_time = tenant.rebuilding.lock().await;
        load_tokens(tenant).await?;
        Ok(token)
    }
}

/// Reads the organisation's valid tokens into memory, where requests look. The
/// caller holds `tenant.rebuilding`, so that no older ones overtake newer.
pub(super) async fn load_tokens(tenant: &Tenant) -> Result<(), ServiceError> {
    let rows = tenant.db.select::<rows::Token>().filter(rows::Token::REVOKED_AT.is_null()).pages().await?;
    let table = rows.into_iter().filter_map(|row| {
        let scope = row.scopes.iter().filter_map(|scope| scope.parse::<Scope>().ok()).max()?;
        let record =
            TokenRecord { id: row.id, name: row.name, scope, expires_at: row.expires_at.map(Timestamp::as_millis) };
        Some((row.hash.parse().ok()?, record))
    });
    tenant.tokens.store(Arc::new(TokenTable(table.collect())));
    Ok(())
}
