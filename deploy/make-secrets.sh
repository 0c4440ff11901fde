#!/usr/bin/env bash
# Writes what compose.yaml needs: a certificate for localhost, an API key with its hash, and Qdrant's key in .env.
# Run it from the folder of the project, once. It needs openssl and a built gateway (npm ci && npm run build).
set -euo pipefail
cd "$(dirname "$0")/.."

folder=deploy/secrets
if [ -e "$folder/keys.json" ] || [ -e .env ]; then
  echo "$folder/keys.json or .env exists already; remove it to make new secrets" >&2
  exit 1
fi
mkdir -p "$folder"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
  -subj /CN=localhost -addext 'subjectAltName=DNS:localhost,DNS:gateway,IP:127.0.0.1' \
  -keyout "$folder/tls.key" -out "$folder/tls.crt" 2>/dev/null

key="$(node dist/main.js keys create --api-keys-file "$folder/keys.json" --name first-service --tenant '*' --scope read,write,admin)"
# The user "node" of the image has another number than the one who runs this.
chmod 644 "$folder/tls.key" "$folder/tls.crt" "$folder/keys.json"
# The folder is what keeps other users of this machine out.
chmod 711 "$folder"

(umask 077 && printf 'QDRANT_API_KEY=%s\n' "$(openssl rand -hex 32)" > .env)
echo "API key of \"first-service\" (shown once, only its hash is kept):"
echo "$key"
