//! What Clerk's APIs tell of people and organisations.

use super::world::{Organization, World};
use serde_json::{Value, json};

/// Some time in the past, in milliseconds since 1970.
const THEN: i64 = 1_000_000_000_000;

pub(super) fn organization(id: &str, organization: &Organization) -> Value {
    json!({
        "object": "organization", "id": id, "name": organization.name, "slug": organization.slug, "image_url": "",
        "has_image": false, "members_count": 1, "pending_invitations_count": 0, "public_metadata": {},
        "max_allowed_memberships": 5, "admin_delete_enabled": true, "created_at": THEN, "updated_at": THEN,
    })
}

/// The organisations of a user, with their roles.
pub(super) fn memberships(world: &World, user: &str) -> Vec<Value> {
    memberships_where(world, |member, _| member == user)
}

/// The members of an organisation, with their roles.
pub(super) fn members(world: &World, organization: &str) -> Vec<Value> {
    memberships_where(world, |_, id| id == organization)
}

fn memberships_where(world: &World, keep: impl Fn(&str, &str) -> bool) -> Vec<Value> {
    let kept = world.members.iter().filter(|(user, id, _)| keep(user, id));
    let with_organization = kept.filter_map(|(user, id, role)| Some((user, id, world.organizations.get(id)?, role)));
    let membership = |(user, id, row, role): (&String, &String, &Organization, &String)| {
        json!({
            "object": "organization_membership", "id": format!("orgmem_{user}_{id}"), "role": role,
            "role_name": role.trim_start_matches("org:"), "public_metadata": {}, "created_at": THEN, "updated_at": THEN,
            "permissions": ["org:sys_profile:manage", "org:sys_memberships:manage", "org:sys_memberships:read"],
            "organization": organization(id, row), "public_user_data": public_user(world, user),
        })
    };
    with_organization.map(membership).collect()
}

fn public_user(world: &World, id: &str) -> Value {
    let user = world.users.get(id);
    json!({
        "user_id": id, "first_name": user.map(|user| &user.first_name), "last_name": null, "image_url": "",
        "has_image": false, "identifier": user.map(|user| &user.email),
    })
}

pub(super) fn user(world: &World, id: &str) -> Value {
    let row = world.users.get(id);
    let email = json!({
        "object": "email_address", "id": "idn_1", "email_address": row.map(|user| &user.email), "linked_to": [],
        "verification": { "status": "verified", "strategy": "email_code" },
    });
    json!({
        "object": "user", "id": id, "first_name": row.map(|user| &user.first_name), "last_name": null, "image_url": "",
        "has_image": false, "username": null, "primary_email_address_id": "idn_1", "email_addresses": [email],
        "phone_numbers": [], "web3_wallets": [], "external_accounts": [], "passkeys": [], "enterprise_accounts": [],
        "saml_accounts": [], "organization_memberships": memberships(world, id), "public_metadata": {},
        "unsafe_metadata": {}, "two_factor_enabled": false, "totp_enabled": false, "backup_code_enabled": false,
        "password_enabled": true, "create_organization_enabled": true, "delete_self_enabled": true,
        "created_at": THEN, "updated_at": THEN, "last_sign_in_at": THEN,
    })
}

/// A session, with a fresh token for pages of an origin.
pub(super) fn session(world: &World, id: &str, origin: Option<&str>) -> Value {
    let Some(row) = world.sessions.get(id) else { return Value::Null };
    let now = world.now();
    let token = world.token(id, origin, std::time::Duration::ZERO);
    let day = 86_400_000;
    json!({
        "object": "session", "id": id, "status": if row.ended { "ended" } else { "active" },
        "expire_at": now.0 + 7 * day, "abandon_at": now.0 + 30 * day, "last_active_at": now.0,
        "last_active_organization_id": row.organization, "actor": null, "user": user(world, &row.user),
        "public_user_data": public_user(world, &row.user), "factor_verification_age": [1, -1], "tasks": null,
        "created_at": THEN, "updated_at": now.0, "last_active_token": { "object": "token", "jwt": token },
    })
}

/// A browser as clerk-js knows it.
pub(super) fn client(world: &World, browser: &str, origin: Option<&str>) -> Value {
    let session_id = world.session_in(browser).map(|(session, _)| session);
    let sessions: Vec<Value> = session_id.iter().map(|id| session(world, id, origin)).collect();
    json!({
        "object": "client", "id": browser, "sessions": sessions, "sign_in": null, "sign_up": null,
        "last_active_session_id": session_id, "cookie_expires_at": null, "captcha_bypass": true, "created_at": THEN,
        "updated_at": world.now().0,
    })
}

/// How the instance is set up. Pages of `origin` are its own.
pub(super) fn environment(world: &World, origin: &str) -> Value {
    let kind = if world.is_production() { "production" } else { "development" };
    let signed_out = format!("{origin}/signed-out");
    json!({
        "object": "environment", "id": "env_1", "maintenance_mode": false,
        "auth_config": {
            "object": "auth_config", "id": "aac_1", "single_session_mode": true, "claimed_at": null,
            "reverification": false, "preferred_channels": {},
        },
        "api_keys_settings": { "enabled": false, "user_api_keys_enabled": false, "orgs_api_keys_enabled": false },
        "commerce_settings": { "billing": {
            "stripe_publishable_key": "", "user": { "enabled": false, "has_paid_plans": false },
            "organization": { "enabled": false, "has_paid_plans": false },
        } },
        "display_config": {
            "object": "display_config", "id": "dc_1", "application_name": "Ekairos Registry",
            "instance_environment_type": kind, "branded": false, "captcha_public_key": null,
            "captcha_widget_type": "invisible", "captcha_provider": "turnstile", "after_sign_in_url": origin,
            "after_sign_up_url": origin, "after_sign_out_all_url": signed_out, "after_sign_out_one_url": signed_out,
            "home_url": origin, "sign_in_url": format!("{origin}/sign-in"), "sign_up_url": format!("{origin}/sign-up"),
            "user_profile_url": origin, "organization_profile_url": origin, "create_organization_url": origin,
            "after_leave_organization_url": origin, "after_create_organization_url": origin, "logo_image_url": "",
            "favicon_image_url": "", "theme": { "buttons": {}, "general": {}, "accounts": {} },
            "preferred_sign_in_strategy": "password", "show_devmode_warning": false,
        },
        "organization_settings": {
            "enabled": true, "max_allowed_memberships": 5, "force_organization_selection": true,
            "actions": { "admin_delete": true }, "slug": { "disabled": false },
            "domains": { "enabled": false, "enrollment_modes": [], "default_role": null },
        },
        "user_settings": user_settings(),
    })
}

fn user_settings() -> Value {
    let off = || attribute(false, &[]);
    json!({
        "attributes": {
            "email_address": attribute(true, &["email_code"]), "phone_number": off(), "username": off(),
            "first_name": attribute(true, &[]), "last_name": attribute(true, &[]), "password": attribute(true, &[]),
            "web3_wallet": off(), "authenticator_app": off(), "backup_code": off(), "passkey": off(),
        },
        "social": {}, "saml": { "enabled": false }, "enterprise_sso": { "enabled": false },
        "sign_in": { "second_factor": { "required": false, "enabled": false } },
        "sign_up": {
            "captcha_enabled": false, "mode": "public", "progressive": true, "legal_consent_enabled": false,
            "allowlist_only": false, "custom_action_required": false,
        },
        "actions": { "delete_self": true, "create_organization": true },
        "password_settings": { "min_length": 8, "max_length": 72, "disable_hibp": true },
        "passkey_settings": { "allow_autofill": false, "show_sign_in_button": false },
        "username_settings": { "min_length": 4, "max_length": 64 }, "attack_protection": {},
    })
}

fn attribute(enabled: bool, ways: &[&str]) -> Value {
    json!({
        "enabled": enabled, "required": false, "used_for_first_factor": enabled, "first_factors": ways,
        "used_for_second_factor": false, "second_factors": [], "verifications": ways, "verify_at_sign_up": false,
    })
}
