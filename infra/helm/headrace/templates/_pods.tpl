{{/* Labels of everything, and those that select the pods of one part. */}}
{{- define "headrace.labels" -}}
app.kubernetes.io/name: headrace
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "headrace.allLabels" -}}
{{ include "headrace.labels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "headrace.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* One variable from the Secret: (list root variable key). */}}
{{- define "headrace.secretEnv" -}}
- name: {{ index . 1 }}
  valueFrom:
    secretKeyRef: { name: {{ (index . 0).Values.existingSecret }}, key: {{ index . 2 }} }
{{- end }}

{{- define "headrace.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 1000
capabilities: { drop: [ALL] }
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{/*
A Deployment: root, part (the component and the end of its name), service (the command), args, replicas (nil: something else decides),
secrets (variable → key), env (name → value), providerSecrets, resources, preStopSeconds.
*/}}
{{- define "headrace.deployment" -}}
{{- $root := .root -}}
{{- $grace := int $root.Values.gracePeriodSeconds -}}
{{- $pause := int (default 0 .preStopSeconds) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $root.Release.Name }}-{{ .part }}
  labels: {{- include "headrace.allLabels" . | nindent 4 }}
spec:
  {{- if not (kindIs "invalid" .replicas) }}
  replicas: {{ .replicas }}
  {{- end }}
  strategy:
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels: {{- include "headrace.labels" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "headrace.labels" . | nindent 8 }}
      annotations:
        # a changed configuration file starts the pods anew
        checksum/config: {{ toYaml $root.Values.config | sha256sum }}
        {{- if $root.Values.metrics.scrape }}
        prometheus.io/scrape: 'true'
        prometheus.io/port: '4001'
        prometheus.io/path: /metrics
        {{- end }}
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: {{ $grace }}
      {{- with $root.Values.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- include "headrace.labels" . | nindent 14 }}
      containers:
        - name: {{ .service }}
          image: {{ include "headrace.image" $root | quote }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: {{ prepend (default (list) .args) .service | toJson }}
          env:
            - { name: HEADRACE_CONFIG, value: /etc/headrace/config.yaml }
            - { name: HEADRACE_PROBE_PORT, value: '4001' }
            - { name: LOG_LEVEL, value: {{ $root.Values.logLevel | quote }} }
            # what is left of the grace period, less what a process needs to exit
            - { name: HEADRACE_SHUTDOWN_MS, value: {{ mul (sub $grace (add $pause 5)) 1000 | toString | quote }} }
            {{- range $name, $value := .env }}
            - { name: {{ $name }}, value: {{ $value | quote }} }
            {{- end }}
            {{- range $name, $key := .secrets }}
            {{- include "headrace.secretEnv" (list $root $name $key) | nindent 12 }}
            {{- end }}
          {{- with .providerSecrets }}
          envFrom:
            {{- range . }}
            - secretRef: { name: {{ . }} }
            {{- end }}
          {{- end }}
          ports:
            {{- if not (has .service (list "worker" "accounting")) }}
            - { name: http, containerPort: 4000 }
            {{- end }}
            - { name: probe, containerPort: 4001 }
          startupProbe:
            httpGet: { path: /health/readiness, port: probe }
            periodSeconds: 2
            failureThreshold: 60
          readinessProbe:
            httpGet: { path: /health/readiness, port: probe }
            periodSeconds: 5
            timeoutSeconds: 3
          livenessProbe:
            httpGet: { path: /health/liveliness, port: probe }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          {{- if $pause }}
          lifecycle:
            preStop:
              exec: { command: [sleep, {{ $pause | toString | quote }}] }
          {{- end }}
          securityContext: {{- include "headrace.containerSecurity" . | nindent 12 }}
          {{- with .resources }}
          resources: {{- toYaml . | nindent 12 }}
          {{- end }}
          volumeMounts:
            - { name: config, mountPath: /etc/headrace, readOnly: true }
            - { name: tmp, mountPath: /tmp }
            - { name: data, mountPath: /data }
      volumes:
        - name: config
          configMap: { name: {{ $root.Release.Name }}-config }
        - name: tmp
          emptyDir: {}
        - name: data
          emptyDir: {}
{{- end }}
