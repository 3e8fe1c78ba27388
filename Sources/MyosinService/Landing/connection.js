// The connection that tells of changes, and where the page begins.
let source, lostAt = null, lastHeard = performance.now();

function heard() { lastHeard = performance.now(); }

function tell(state, text) {
  const connection = place("connection");
  if (connection.textContent !== text) connection.textContent = text;
  connection.dataset.state = state;
  document.body.classList.toggle("lost", state === "lost");
}

function lost(reason) {
  lostAt ??= new Date().toLocaleTimeString();
  tell("lost", `Connection lost at ${lostAt}. ${reason}`);
}

function connect() {
  source = new EventSource("/state?watch");
  source.onopen = () => {
    heard();
    lostAt = null;
    tell("live", "Live");
    refresh();
  };
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return lost("Trying again…");
    lost("The server takes no further watcher now. Trying again…");
    setTimeout(connect, 5000);
  };
  source.addEventListener("snapshot", take);
  source.addEventListener("change", take);
  source.addEventListener("removed", event => {
    heard();
    models.delete(parse(event.data).model);
    draw();
  });
}

/// Asks for the models there are, since others may have been served before, with other schemas.
async function refresh() {
  let names;
  try {
    const answer = await fetch("/schema", { cache: "no-store", signal: AbortSignal.timeout(30000) });
    if (!answer.ok) return;
    names = await answer.json();
  } catch {
    return;  // The connection is lost again, and will be open again.
  }
  isKnown = true;
  for (const name of models.keys()) if (!(name in names)) models.delete(name);
  for (const model of models.values()) model.schema = null;
  draw();
}

/// A connection whose other end is gone may look alive: where nothing comes, the server is asked.
async function check() {
  if (performance.now() - lastHeard < quietMilliseconds || source.readyState !== EventSource.OPEN) return;
  try {
    await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(10000) });
    heard();
  } catch {
    source.close();
    lost("Trying again…");
    connect();
  }
}

document.title = `Myosin · ${location.host}`;
place("commands").textContent = `curl ${location.host}/state
curl -N '${location.host}/state?watch'`;
place("read-only").hidden = canWrite;
place("filter").oninput = draw;
setInterval(check, 5000);
connect();
