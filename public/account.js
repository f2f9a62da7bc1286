// Puts Clerk's widgets in place of the plain account area, and keeps tabs of one
// browser together. Without it, or without Clerk, the plain links do all of it.
(function () {
  var own = document.currentScript;
  var settings = own.dataset;
  var nonce = own.nonce;
  var mine = settings.for; // "user/organisation", "" for nobody; none on pages that cannot be asked for again
  var leaving = false;
  addEventListener("beforeunload", function () {
    leaving = true;
    setTimeout(function () { leaving = false; }, 5000); // it was a download
  });

  // What someone types in a form is not thrown away: the server refuses a form
  // that was made for another organisation, and keeps what is in it.
  function again() {
    var typed = "main :is(input,textarea):is(:focus,:user-valid,:user-invalid)";
    if (mine !== undefined && !leaving && !document.querySelector(typed)) location.reload();
  }

  // A page that was asked for by a person tells the others for whom it is; one
  // that was asked for by another tab says nothing, so there is no end to it.
  var tabs = new BroadcastChannel("account");
  tabs.onmessage = function (event) {
    if (event.data === mine) return;
    // Clerk-js of this tab may have written a session token just after it was deleted.
    if (event.data === "") forget();
    sessionStorage.setItem("account-told", event.data);
    again();
  };
  if (mine !== undefined && sessionStorage.getItem("account-told") === null) tabs.postMessage(mine);
  sessionStorage.removeItem("account-told");

  function forget() {
    document.cookie.split(";").forEach(function (pair) {
      var name = pair.split("=")[0].trim();
      if (/^__session(_|$)/.test(name)) document.cookie = name + "=; Path=/; Max-Age=0";
    });
  }

  function load(address, attributes) {
    return new Promise(function (done, failed) {
      var script = document.createElement("script");
      for (var name in attributes) if (attributes[name]) script.setAttribute(name, attributes[name]);
      script.crossOrigin = "anonymous";
      script.nonce = nonce;
      script.async = false; // in this order
      script.onload = done;
      script.onerror = failed;
      script.src = address;
      document.head.append(script);
    });
  }

  function show(id, mount, options) {
    var node = document.getElementById(id);
    if (!node) return;
    // Not before there is something to see: until then the plain one stays.
    new MutationObserver(function (_, observer) {
      if (!node.querySelector("button")) return;
      observer.disconnect();
      node.closest(".slot").dataset.mounted = "";
    }).observe(node, { childList: true, subtree: true });
    mount.call(window.Clerk, node, options);
  }

  // As the plain ones look: of the same size, in our colours.
  var narrow = { "@media (max-width: 48rem)": { display: "none" } };
  var looks = {
    elements: {
      rootBox: { width: "100%", height: "100%" },
      organizationSwitcherTrigger: {
        width: "100%", height: "32px", padding: "0 8px", "@media (max-width: 48rem)": { padding: "0 4px" }, gap: "8px", justifyContent: "flex-start", borderRadius: "6px",
        color: "inherit", "&:hover": { background: "var(--muted)" },
      },
      organizationPreview__organizationSwitcherTrigger: { gap: "8px" },
      organizationPreviewTextContainer__organizationSwitcherTrigger: narrow,
      organizationSwitcherTriggerIcon: Object.assign({ marginInlineStart: "auto", color: "var(--muted-foreground)" }, narrow),
      userButtonTrigger: { margin: "2px" },
      userButtonAvatarBox: { width: "28px", height: "28px" },
    },
    variables: {
      colorPrimary: "var(--primary)", colorPrimaryForeground: "var(--primary-foreground)",
      colorForeground: "var(--foreground)", colorMutedForeground: "var(--muted-foreground)",
      colorBackground: "var(--background)", colorMuted: "var(--muted)", colorNeutral: "var(--foreground)",
      colorInput: "var(--background)", colorInputForeground: "var(--foreground)", colorRing: "var(--ring)",
      colorDanger: "var(--broken)", fontFamily: "var(--sans)", fontSize: "0.8125rem", borderRadius: "6px",
    },
  };

  async function begin() {
    var loaded = [
      load(settings.widgets),
      load(settings.clerk, { "data-clerk-publishable-key": settings.key, "data-clerk-proxy-url": settings.proxy }),
    ];
    await Promise.all(loaded);
    var Clerk = window.Clerk;
    await Clerk.load({
      ui: { ClerkUI: window.__internal_ClerkUICtor }, nonce: nonce, appearance: looks, telemetry: false,
      afterSignOutUrl: "/signed-out", signInUrl: settings.signIn,
    });
    Clerk.addListener(function (now) {
      if (now.session === undefined) return; // on its way to another page
      var is = now.session ? now.user.id + "/" + (now.organization ? now.organization.id : "") : "";
      if (mine === undefined || is === mine) return;
      tabs.postMessage(is);
      setTimeout(again, 1000); // unless a widget leads elsewhere
    });
    if (!Clerk.session) return;
    show("organisation-switcher", Clerk.mountOrganizationSwitcher, {
      hidePersonal: true, afterSelectOrganizationUrl: "/", afterCreateOrganizationUrl: settings.grant,
    });
    show("user-button", Clerk.mountUserButton, {});
  }

  // The rest of the page does not wait for it, and stays as it is where it fails.
  if (document.querySelector(".account[data-widgets],form[data-renew]")) begin().catch(function () {});
})();
