#!/usr/bin/env bash
# Apache Kafka: one node that is broker and controller (KRaft). Topics are made on first use.
# Takes PORT for clients and PORT+1 for the controller.
# KAFKA_SASL_SSL=USER:PASSWORD adds a listener on PORT+2 that asks for TLS and a login by PLAIN or SCRAM-SHA-256; the
# authority to trust is DIR/ca.pem.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

VERSION=4.2.0
jars=$SERVICES_CACHE/kafka-$VERSION
READY_SECONDS=120

install() {
  command -v java >/dev/null 2>&1 || apt_install openjdk-17-jre-headless
  command -v mvn >/dev/null 2>&1 || apt_install maven
  maven_jars "kafka-$VERSION" "org.apache.kafka:kafka_2.13:$VERSION" org.slf4j:slf4j-simple:1.7.36
}
kafka() { java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$jars/*" "$@"; }
# An authority for this folder, and a certificate of 127.0.0.1 signed by it.
certificate() {
  [ ! -f "$DIR/ca.pem" ] || return 0
  need openssl "it makes the certificates of the TLS listener"
  quietly "$DIR/openssl.log" openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=test authority" \
    -keyout "$DIR/ca.key" -out "$DIR/ca.pem"
  quietly "$DIR/openssl.log" openssl req -newkey rsa:2048 -nodes -subj "/CN=127.0.0.1" \
    -keyout "$DIR/tls.key" -out "$DIR/tls.csr"
  printf 'subjectAltName=IP:127.0.0.1\n' >"$DIR/tls.ext"
  quietly "$DIR/openssl.log" openssl x509 -req -in "$DIR/tls.csr" -CA "$DIR/ca.pem" -CAkey "$DIR/ca.key" \
    -CAcreateserial -days 30 -extfile "$DIR/tls.ext" -out "$DIR/tls.crt"
  cat "$DIR/tls.key" "$DIR/tls.crt" >"$DIR/tls.pem"
}
login_properties() {
  local user=${KAFKA_SASL_SSL%%:*} password=${KAFKA_SASL_SSL#*:}
  local module=org.apache.kafka.common.security
  cat <<END
ssl.keystore.type=PEM
ssl.keystore.location=$DIR/tls.pem
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256
listener.name.sasl_ssl.plain.sasl.jaas.config=$module.plain.PlainLoginModule required user_$user="$password";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=$module.scram.ScramLoginModule required;
END
}
launch() {
  ! port_open $((PORT + 1)) || die "port $((PORT + 1)) (the controller's, PORT+1) is taken by another process: choose another PORT"
  local secure= map=
  if [ -n "${KAFKA_SASL_SSL:-}" ]; then
    ! port_open $((PORT + 2)) || die "port $((PORT + 2)) (TLS, PORT+2) is taken by another process: choose another PORT"
    secure=,SASL_SSL://127.0.0.1:$((PORT + 2))
    map=,SASL_SSL:SASL_SSL
    certificate
  fi
  # A session ends well after the tests' pauses of the broker, and not long after a kill: a broker that comes back waits
  # for the end of its old session.
  cat >"$DIR/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((PORT + 1))
listeners=PLAINTEXT://127.0.0.1:$PORT,CONTROLLER://127.0.0.1:$((PORT + 1))$secure
advertised.listeners=PLAINTEXT://127.0.0.1:$PORT$secure
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT$map
log.dirs=$DIR/data
num.partitions=${KAFKA_PARTITIONS:-3}
offsets.topic.num.partitions=3
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=3
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=true
log.cleaner.dedupe.buffer.size=4194304
END
  [ -z "$secure" ] || login_properties >>"$DIR/server.properties"
  if [ ! -f "$DIR/data/meta.properties" ]; then
    local scram=()
    [ -z "$secure" ] || scram=(--add-scram "SCRAM-SHA-256=[name=${KAFKA_SASL_SSL%%:*},password=${KAFKA_SASL_SSL#*:}]")
    quietly "$DIR/format.log" kafka kafka.tools.StorageTool format "${scram[@]}" \
      --cluster-id test-services-kafka-1 --config "$DIR/server.properties" --ignore-formatted
  fi
  spawn java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=info -cp "$jars/*" kafka.Kafka "$DIR/server.properties"
}
# The port opens before the broker is unfenced; this line comes last.
ready() { grep -q 'Kafka Server started' "$DIR/service.log" && port_open "$PORT"; }
uri() { printf '127.0.0.1:%s\n' "$PORT"; }

service_main "$@"
