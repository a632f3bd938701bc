#!/usr/bin/env bash
# Apache Kafka: one node that is broker and controller (KRaft). Topics are made on first use.
# Takes PORT for clients and PORT+1 for the controller.
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
launch() {
  ! port_open $((PORT + 1)) || die "port $((PORT + 1)) (the controller's, PORT+1) is taken by another process: choose another PORT"
  cat >"$DIR/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((PORT + 1))
listeners=PLAINTEXT://127.0.0.1:$PORT,CONTROLLER://127.0.0.1:$((PORT + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$PORT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
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
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=true
log.cleaner.dedupe.buffer.size=4194304
END
  if [ ! -f "$DIR/data/meta.properties" ]; then
    quietly "$DIR/format.log" kafka kafka.tools.StorageTool format \
      --cluster-id test-services-kafka-1 --config "$DIR/server.properties" --ignore-formatted
  fi
  spawn java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=info -cp "$jars/*" kafka.Kafka "$DIR/server.properties"
}
# The port opens before the broker is unfenced; this line comes last.
ready() { grep -q 'Kafka Server started' "$DIR/service.log" && port_open "$PORT"; }
uri() { printf '127.0.0.1:%s\n' "$PORT"; }

service_main "$@"
