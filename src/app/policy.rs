//! What a page may run and load, and the script that brings Clerk's widgets.

use crate::{
    app::{
        data::{Sent, Stopped},
        load::rendered_for_whom,
    },
    app_state::AppState,
    auth::SignIn,
};
use axum::http::header;
use leptos::prelude::*;

/// Lets the page run our own scripts and the one inline script that wakes the
/// islands, named by its nonce, and nothing else. With Clerk also clerk-js,
/// whose styles carry the nonce (`specs/clerk-and-onboarding.md` 4.4).
pub fn set_content_security_policy() {
    let Some(response) = use_context::<leptos_axum::ResponseOptions>() else {
        return;
    };
    let nonce = leptos::nonce::use_nonce().map(|nonce| format!(" 'nonce-{nonce}'")).unwrap_or_default();
    let policy = match sign_in() {
        None => format!(
            "default-src 'none'; script-src 'self'{nonce} 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
             font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        ),
        Some(sign_in) => {
            let clerk = sign_in.clerk().settings().frontend_api_origin();
            // A form's answer may lead through a handshake, or to the platform.
            let platform = sign_in.platform().origin();
            format!(
                "default-src 'none'; script-src 'self'{nonce} 'wasm-unsafe-eval' {clerk}; style-src 'self'{nonce}; \
                 img-src 'self' data: https://img.clerk.com; font-src 'self'; connect-src 'self' {clerk}; \
                 worker-src blob:; form-action 'self' {clerk} {platform}; frame-ancestors 'none'; base-uri 'none'"
            )
        }
    };
    if let Ok(policy) = policy.parse() {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

fn sign_in() -> Option<SignIn> {
    use_context::<AppState>()?.authenticator.clerk.clone()
}

/// `account.js` and what it needs to know; nothing in local mode.
#[component]
pub fn AccountScript() -> impl IntoView {
    let Some(sign_in) = sign_in() else { return ().into_any() };
    let settings = sign_in.clerk().settings();
    let [widgets, clerk] = settings.scripts();
    let back = clerk::returning::marked(&sign_in.own("/"));
    let (platform, proxy) = (sign_in.platform(), settings.proxy_url().map(str::to_owned));
    // What a form's answer shows is not there when it is asked for again.
    let stays = use_context::<Sent>().is_some() || use_context::<Stopped>().is_some();
    view! {
        <script
            defer src="/account.js" nonce=leptos::nonce::use_nonce() data-key=settings.publishable_key.to_string()
            data-proxy=proxy data-widgets=widgets data-clerk=clerk data-for=rendered_for_whom().filter(|_| !stays)
            data-sign-in=platform.sign_in(&back).to_string() data-grant=platform.grant(&back).to_string()
        ></script>
    }
    .into_any()
}
