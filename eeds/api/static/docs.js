// Shows the OpenAPI document with the vendored Swagger UI; the token typed into "Authorize" stays in the browser.
const place = document.getElementById("docs");
SwaggerUIBundle({ url: place.dataset.document, dom_id: "#docs", deepLinking: true, persistAuthorization: true });
