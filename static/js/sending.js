// Posts a program to the API as whoever is logged in. What comes back, whatever happens on the way:
//
//   {accepted: {id, status, url}}      it is in the queue
//   {refusal: "logged-out"}            nobody is logged in (any more)
//   {refusal: "unreachable"}           no answer, or none that the API gave
//   {refusal: "told", message}         the API's own words for why not

"use strict";

const SENDING_TIMEOUT = 20000; // ms an answer may take

async function send(url, body, token, world = globalThis) {
  let response, answer;
  try {
    response = await world.fetch(url, {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify(body),
      signal: world.AbortSignal.timeout(SENDING_TIMEOUT),
    });
    answer = await response.json();
  } catch {
    return { refusal: "unreachable" };
  }
  if (response.status === 202) return { accepted: answer };
  if (response.status === 401) return { refusal: "logged-out" };
  const messages = Object.values(answer.errors ?? {}).flat();
  return { refusal: "told", message: messages.length ? messages.join(" ") : answer.message };
}
