// The connection that tells of changes, and where the page begins.
let source, connectedAt, lastHeard, lastID = "", lostAt = null, hasBeenOpen = false, isChecking = false;

/// The URL of something that is served, where the visitor's browser has found this page, as one word for a shell.
function curlWord(path) {
  const url = new URL(path, location.href);
  // Without a scheme curl takes http, unless the host begins like one of another protocol.
  const needsScheme = url.protocol !== "http:" || /^(dict|ftp|imap|ldap|pop3|smtp)\./.test(url.host);
  // Brackets and braces are patterns of curl, except around an IPv6 address.
  const rest = (url.pathname + url.search).replace(/[[\]{}]/g, encodeURIComponent);
  const text = `${needsScheme ? `${url.protocol}//` : ""}${url.host}${rest}`;
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function tell(state, text) {
  setText(place("connection"), text);
  place("connection").dataset.state = state;
  document.body.classList.toggle("lost", state === "lost");
}

function lost(reason) {
  lostAt ??= new Date().toLocaleTimeString();
  tell("lost", `${hasBeenOpen ? `Connection lost at ${lostAt}.` : "Not connected."} ${reason}`);
}

function connect() {
  source?.close();
  const made = new EventSource("./state?watch");
  source = made;
  connectedAt = performance.now();
  made.onopen = () => {
    lastHeard = performance.now();
    lostAt = null;
    tell("live", "Live");
    refresh();
    if (hasBeenOpen) checkPage();
    hasBeenOpen = true;
  };
  made.onerror = async () => {
    if (made.readyState !== EventSource.CLOSED) return lost("Trying again…");
    const reason = await refusal();
    if (made !== source) return;
    lost(`${reason} Trying again…`);
    setTimeout(() => { if (made === source && !document.hidden) connect(); }, retryMilliseconds);
  };
  for (const name of ["snapshot", "change", "removed"]) made.addEventListener(name, take);
}

function take(event) {
  const news = parse(event.data);
  lastHeard = performance.now();
  lastID = event.lastEventId || lastID;
  if (event.type === "removed") {
    removeModel(news.model);
    // The models' files were read anew, and others may have changed.
    return describeAll();
  }
  if (!models.has(news.model)) models.set(news.model, new Model(news.model));
  models.get(news.model).update(news);
  draw();
}

const ask = (path, more = {}) => fetch(path, { cache: "no-store", signal: AbortSignal.timeout(10000), ...more });

/// Why the server does not let this page watch; an EventSource does not tell.
async function refusal() {
  const end = new AbortController();
  try {
    const answer = await ask("./state?watch", { signal: end.signal });
    return answer.ok ? "" : (await answer.json()).detail;
  } catch {
    return "";
  } finally {
    end.abort();
  }
}

/// Asks for the models there are, since others may have been served before, with other schemas.
async function refresh() {
  try {
    const answer = await ask("./schema");
    if (!answer.ok) return;
    const names = await answer.json();
    isKnown = true;
    for (const name of models.keys()) if (!Object.hasOwn(names, name)) removeModel(name);
    describeAll();
  } catch {
    // The connection is lost again, and will be open again.
  }
}

/// The page itself may be another one now: of another version, or for a visitor who may do less or more.
async function checkPage() {
  try {
    const answer = await ask("./", { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const mark = some => [some.documentElement.dataset.access, some.querySelector(".version").textContent].join();
    if (mark(page) !== mark(document)) location.reload();
  } catch {
    // As above.
  }
}

/// A connection whose other end is gone may look alive, and one that is being made may never be: where nothing comes, the server is
/// asked whether there was something.
async function check() {
  if (isChecking || document.hidden || source.readyState === EventSource.CLOSED) return;
  const asked = source;
  if (asked.readyState === EventSource.CONNECTING) {
    if (performance.now() - connectedAt > quietMilliseconds) connect();
    return;
  }
  if (performance.now() - lastHeard < quietMilliseconds) return;
  isChecking = true;
  const isAlive = await hasMissedNothing();
  isChecking = false;
  if (asked !== source) return;
  if (isAlive) {
    lastHeard = performance.now();
  } else {
    lost("Trying again…");
    connect();
  }
}

/// Whether what was published last has come. The tag of /state is the number that its event has.
async function hasMissedNothing() {
  const before = lastHeard;
  try {
    const answer = await ask("./state", { method: "HEAD", headers: { "If-None-Match": `"${lastID}"` } });
    if (answer.status === 304 || lastID === "") return true;
  } catch {
    return false;
  }
  await new Promise(done => setTimeout(done, retryMilliseconds));
  return lastHeard > before;
}

// Browsers have few connections to one host: pages that nobody looks at leave theirs to the others.
document.addEventListener("visibilitychange", () => { if (document.hidden) source.close(); else connect(); });
// Behind a proxy the page may be at a path without the slash that all URLs on it are relative to.
if (!location.pathname.endsWith("/")) location.replace(`${location.pathname}/${location.search}${location.hash}`);
// A page whose URL has a name and a password may not fetch what is relative to it; the browser keeps both for the proxy.
if (new URL(document.baseURI).username) location.replace(location.href);
document.title = `Myosin · ${location.host}`;
place("commands").textContent = `curl ${curlWord("./state")}
curl -N ${curlWord("./state?watch")}`;
place("read-only").hidden = canWrite;
place("filter").oninput = draw;
setInterval(check, 5000);
connect();
